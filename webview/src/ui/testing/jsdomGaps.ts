/** What the toolkit asks for while it is loaded and jsdom lacks. Import it before anything that shows the toolkit. */
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
