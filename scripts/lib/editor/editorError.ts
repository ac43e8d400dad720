/** A tool that this machine lacks or that could not be installed. The message says what to do; callers show it or skip. */
export class EditorUnavailable extends Error {
  constructor(...sentences: string[]) {
    super(sentences.join(' '));
    this.name = 'EditorUnavailable';
  }
}
