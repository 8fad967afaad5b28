/** Numbers from 0 up to but not including 1, evenly spread; the same ones for the same seed. */
export type RandomSource = () => number;

/** mulberry32: 32 bits of state, enough for a simulation. Never use it for secrets. */
export function seededRandom(seed: number): RandomSource {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}
