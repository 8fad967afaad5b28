import type { Measurements } from "../device/device-case.js";

/** By the names that XS (xs/sources/xsDebug.c) and the ESP's hosts (xs/platforms/esp/xsHost.c) give them. */
const reportedMeters: readonly (readonly [name: string, what: string])[] = [
	["Slot used", "slots"],
	["Chunk used", "chunks"],
	["System bytes free", "free"],
];

/** What the engine's meters have shown during one case. */
export class Meters {
	/** Bytes of slots and chunks together, the most of all readings. */
	peakMemory: number | undefined;
	#phase = "";
	readonly #phases = new Map<string, ReadonlyMap<string, number>>();

	/** What is measured from now on belongs to this phase; to none if it is empty. */
	phase(name: string): void {
		this.#phase = name;
	}

	read(meters: ReadonlyMap<string, number>): void {
		const used = (meters.get("Slot used") ?? 0) + (meters.get("Chunk used") ?? 0);
		this.peakMemory = Math.max(this.peakMemory ?? 0, used);
		// The last one counts: what ends with the phase before may take a moment.
		if (this.#phase !== "") this.#phases.set(this.#phase, meters);
	}

	/** Bytes by phase and meter. */
	phases(): Measurements {
		const rows = [...this.#phases].flatMap(([phase, meters]) =>
			reportedMeters.flatMap(([name, what]) => {
				const value = meters.get(name);
				return value === undefined ? [] : [[`${phase}: ${what}, bytes`, value] as const];
			}),
		);
		return Object.fromEntries(rows);
	}
}
