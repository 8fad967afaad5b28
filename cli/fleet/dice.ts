/** Numbers from 0 up to but not including 1, evenly spread; the same ones for the same seed. */
export type Dice = () => number;

/** mulberry32: 32 bits of state and plenty for a simulation; nothing secret may come of it. */
export function dice(seed: number): Dice {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}
