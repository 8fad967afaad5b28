import type { Measured } from "../device/device-case.js";

/** By the names that XS (xs/sources/xsDebug.c) and the ESP's hosts (xs/platforms/esp/xsHost.c) give them. */
const wanted: readonly (readonly [name: string, what: string])[] = [
	["Slot used", "slots"],
	["Chunk used", "chunks"],
	["System bytes free", "free"],
];

/** What the engine's meters have shown during one case. */
export class Meters {
	/** Bytes of slots and chunks together, the most of all readings. */
	most: number | undefined;
	#phase = "";
	readonly #phases = new Map<string, ReadonlyMap<string, number>>();

	/** What is measured from now on belongs to this phase; to none if it is empty. */
	phase(name: string): void {
		this.#phase = name;
	}

	read(meters: ReadonlyMap<string, number>): void {
		const used = (meters.get("Slot used") ?? 0) + (meters.get("Chunk used") ?? 0);
		this.most = Math.max(this.most ?? 0, used);
		// The last one counts: what ends with the phase before may take a moment.
		if (this.#phase !== "") this.#phases.set(this.#phase, meters);
	}

	/** Bytes by phase and meter. */
	phases(): Measured {
		const rows = [...this.#phases].flatMap(([phase, meters]) =>
			wanted.flatMap(([name, what]) => {
				const value = meters.get(name);
				return value === undefined ? [] : [[`${phase}: ${what}, bytes`, value] as const];
			}),
		);
		return Object.fromEntries(rows);
	}
}
