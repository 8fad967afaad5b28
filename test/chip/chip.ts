export type Found = (name: string, address?: string) => void;

/** What changes: modules are preloaded, and so are their variables, which are not to be written. */
export interface Chip {
	/** Done one after the other. */
	readonly messages: (() => void)[];
	/** `gResolve` */
	readonly lookups: (readonly [name: string, found: Found])[];
	/** Milliseconds from this computer's clock to the chip's. */
	clock?: number;
}

export const chip = (): Chip => {
	const all = globalThis as { dynregChip?: Chip };
	all.dynregChip ??= { messages: [], lookups: [] };
	return all.dynregChip;
};
