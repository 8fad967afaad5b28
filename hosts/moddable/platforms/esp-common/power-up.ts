/** A board's clock reads what it reads: nothing in particular, unless it was only reset. */
export const clockAtPowerUp = (): undefined => undefined;
