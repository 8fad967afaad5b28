/** A board's clock reads what it reads: nothing in particular, unless it was only reset. */
export function clockAtPowerUp(): undefined {
	return undefined;
}
