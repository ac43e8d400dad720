/** What a native technical writer would not write, and what they would write instead. */
interface Word {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Applies to every text: docs, UI, comments and test titles. */
export const words: readonly Word[] = [
  { pattern: /\bwhoever\b/gi, instead: 'name the actor ("the next window", "the caller")' },
  { pattern: /\banew\b/gi, instead: '"again"' },
  { pattern: /\bonce more\b/gi, instead: '"again"' },
  { pattern: /\b(?:of|on) (?:its|their|his) own\b/gi, instead: '"its own …", "separate" or "by itself"' },
  { pattern: /\bwhat must\b/gi, instead: 'a noun ("the steps that…")' },
  { pattern: /\b(?:tells?|told|telling)\b/gi, instead: '"report", "show", "inform" or "distinguish"' },
  { pattern: /\bnone of ours\b/gi, instead: '"invalid" or "not from this extension"' },
  { pattern: /\blook-?alikes?\b/gi, instead: '"near duplicate"' },
  { pattern: /\bwhere (?:nobody|none|nothing)\b/gi, instead: '"if no …"' },
  { pattern: /\bin earnest\b/gi, instead: '"for writing"' },
  { pattern: /\bsays so\b/gi, instead: '"reports it"' },
  { pattern: /\b(?:mend|mends|mended|mending)\b/gi, instead: '"fix"' },
  { pattern: /\bfor want of\b/gi, instead: '"because there is no"' },
  { pattern: /\bgo(?:es)? on (?:to|with)\b/gi, instead: '"continue"' },
  { pattern: /\bto be seen\b/gi, instead: '"visible"' },
  { pattern: /\bthan is good\b/gi, instead: 'the limit' },
  { pattern: /\b(?:whereby|therein|thereby|lest|hitherto)\b/gi, instead: 'a plain word' },
  { pattern: /\bthe others of\b/gi, instead: '"the other …"' },
  { pattern: /\bis (?:no|none) of (?:theirs|its|ours)\b/gi, instead: '"does not belong to …"' },
];

/** Terms of the field that write-good takes for wordy. */
export const terms: readonly string[] = [
  'it is',
  'It is',
  'it was',
  'It was',
  'evaluate',
  'Evaluate',
  'validate',
  'Validate',
  'minimum',
  'Minimum',
  'maximum',
  'Maximum',
  'magnitude',
  'objective',
  'allocate',
  'type of',
  'typeof',
  'additional',
  'multiple',
  'however',
  'whether or not',
  'modify',
  'implement',
  'initial',
  'similar to',
  'in between',
  'all of',
  'All of',
];
