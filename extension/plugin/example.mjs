// A score plug-in: copy it to .active-learning/metrics/ and change it. What it may use is described in metric.d.ts.

/** @type {import('./metric.js').MetricPlugin} */
export default {
  id: 'cut-off',
  title: 'Cut off',
  description: 'High when doubtful boxes touch the border of the image, where half of the object is missing.',

  compute(image, context) {
    const { width, height, detections } = image;
    if (width === null || height === null) return null;
    const uncertainties = detections
      .filter(({ box }) => box.x1 <= 1 || box.y1 <= 1 || box.x2 >= width - 1 || box.y2 >= height - 1)
      .map(({ confidence }) => context.entropy(context.decisionScore(confidence)));
    // No box at the border: certain, as far as this score goes.
    return context.aggregate(uncertainties) ?? 0;
  },
};
