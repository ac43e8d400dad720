/** A picture that stands in for a photo: a conveyor belt with parts, drawn the same for the same seed. */
export interface Part {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly classId: number;
}

export const pictureSize = { width: 1280, height: 800 };

export function partsOf(seed: number, count: number): Part[] {
  const random = generator(seed);
  return Array.from({ length: count }, () => {
    const width = 60 + random() * 130;
    const height = 50 + random() * 120;
    const x1 = random() * (pictureSize.width - width);
    const y1 = random() * (pictureSize.height - height);
    return { x1, y1, x2: x1 + width, y2: y1 + height, classId: Math.floor(random() * 5) };
  });
}

export function picture(seed: number, parts: readonly Part[]): string {
  const canvas = document.createElement('canvas');
  canvas.width = pictureSize.width;
  canvas.height = pictureSize.height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser has no canvas.');
  const random = generator(seed + 1);
  const ground = context.createLinearGradient(0, 0, pictureSize.width, pictureSize.height);
  ground.addColorStop(0, `hsl(${210 + seed * 13} 12% 62%)`);
  ground.addColorStop(1, `hsl(${200 + seed * 13} 10% 34%)`);
  context.fillStyle = ground;
  context.fillRect(0, 0, pictureSize.width, pictureSize.height);
  for (let i = 0; i < 9000; i++) {
    context.fillStyle = `rgb(${random() > 0.5 ? '255 255 255' : '0 0 0'} / ${(random() * 9).toFixed(1)}%)`;
    context.fillRect(random() * pictureSize.width, random() * pictureSize.height, 1 + random() * 3, 1 + random() * 2);
  }
  for (const part of parts) drawPart(context, part, random);
  return canvas.toDataURL('image/jpeg', 0.85);
}

function drawPart(context: CanvasRenderingContext2D, part: Part, random: () => number): void {
  const cx = (part.x1 + part.x2) / 2;
  const cy = (part.y1 + part.y2) / 2;
  const rx = (part.x2 - part.x1) / 2 - 4;
  const ry = (part.y2 - part.y1) / 2 - 4;
  context.save();
  context.shadowColor = 'rgb(0 0 0 / 55%)';
  context.shadowBlur = 14;
  context.shadowOffsetY = 7;
  const shine = context.createRadialGradient(cx - rx / 3, cy - ry / 3, 2, cx, cy, Math.max(rx, ry));
  const hue = [30, 215, 20, 140, 0][part.classId] ?? 60;
  shine.addColorStop(0, `hsl(${hue} 30% 88%)`);
  shine.addColorStop(0.5, `hsl(${hue} 26% 58%)`);
  shine.addColorStop(1, `hsl(${hue} 30% 26%)`);
  context.fillStyle = shine;
  context.beginPath();
  if (part.classId % 2 === 0) context.ellipse(cx, cy, rx, ry, 0, 0, 2 * Math.PI);
  else context.roundRect(cx - rx, cy - ry, 2 * rx, 2 * ry, 14);
  context.fill();
  context.restore();
  context.fillStyle = 'rgb(25 25 28 / 85%)';
  context.beginPath();
  context.ellipse(cx, cy, rx * (0.22 + random() * 0.16), ry * (0.22 + random() * 0.16), 0, 0, 2 * Math.PI);
  context.fill();
}

function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
