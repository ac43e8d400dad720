import type { DuplicateReport } from '../similarity/duplicates.ts';

/** An image and its near duplicates: those of its group, and across the validation split. */
export function duplicatesOf({ groups, leaks }: DuplicateReport, imageId: number): readonly number[] {
  const found = new Set([imageId]);
  for (const { first, others } of groups) {
    const members = [first, ...others].map((member) => member.imageId);
    if (members.includes(imageId)) for (const member of members) found.add(member);
  }
  for (const { held, image } of leaks) {
    if (held.imageId === imageId) found.add(image.imageId);
    if (image.imageId === imageId) found.add(held.imageId);
  }
  return [...found];
}

/** All images that have near duplicates, each group together: those across the validation split first. */
export function imagesWithDuplicates({ groups, leaks }: DuplicateReport): readonly number[] {
  const across = leaks.flatMap(({ held, image }) => [held.imageId, image.imageId]);
  const within = groups.flatMap(({ first, others }) => [first, ...others].map(({ imageId }) => imageId));
  return [...new Set([...across, ...within])];
}
