import type { ReactNode } from 'react';
import type { BoxView, SampleView } from '../../../../extension/src/protocol/review.ts';
import { toCss } from '../../ui/colours.ts';
import { classColour } from '../../ui/classColours.ts';

interface PictureProps {
  readonly sample: Pick<SampleView, 'width' | 'height' | 'imageUrl'>;
  readonly boxes: readonly BoxView[];
}

/** A small picture of an image with boxes. */
export function Picture({ sample, boxes }: PictureProps): ReactNode {
  const { width, height, imageUrl } = sample;
  return (
    <svg className="picture" viewBox={`0 0 ${Math.max(1, width)} ${Math.max(1, height)}`} aria-hidden="true">
      <image href={imageUrl} width={width} height={height} />
      {boxes.map(({ x1, y1, x2, y2, classId }, place) => (
        <rect
          // oxlint-disable-next-line react/no-array-index-key -- the boxes have no other key.
          key={place}
          x={x1}
          y={y1}
          width={x2 - x1}
          height={y2 - y1}
          stroke={toCss(classColour(classId))}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
