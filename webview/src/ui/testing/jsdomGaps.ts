/** Adds what the toolkit needs and jsdom lacks. Import it before the toolkit. */
if (typeof window.matchMedia !== 'function') {
  window.matchMedia = (media) =>
    ({
      media,
      matches: false,
      onchange: null,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
      dispatchEvent: () => false,
    }) satisfies MediaQueryList;
}
