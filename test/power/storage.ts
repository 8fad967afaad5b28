import type { Storage } from "dynreg/contracts/host";

/**
 * A storage whose power may go at any moment.
 *
 * It does what it is told, and says at each moment on the way what there would be if the power went now.
 * So one run of a flow yields all its cuts, and a cut is a storage to boot another board with.
 */
export interface CuttableStorage extends Storage {
	/** Hears of each moment: before an operation, within it (several ways for what is being changed to be torn), after it. */
	watch: ((moment: CutMoment) => void) | undefined;
	/** The same storage in a board that is switched on again. */
	copy(): CuttableStorage;
	/** All there is, as text: two storages of the same content behave the same. */
	content(): string;
}

export interface CutMoment {
	/** What is going on, for people. */
	readonly what: string;
	/** How long it lasts, where that is known. */
	readonly milliseconds?: number;
	/** What there would be if the power went now. */
	storageAfterCut(): CuttableStorage;
}

/** Chance that is the same each time. @returns from 0 up to but not including 1 */
export function seededChance(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		// Numerical Recipes' linear congruential generator; the high bits are good enough.
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 0x1_0000_0000;
	};
}
