/** An interface without promises: the repositories on the store's thread. */
export type Synchronous<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...values: infer Values) => Promise<infer Result>
    ? (...values: Values) => Result
    : Synchronous<Port[Name]>;
};
