import type { Board } from "@dynreg/node/internal/board";

/**
 * Where a board lies while it is tried: one that is attached by a cable, or the simulator. What is tried, and what
 * happens then, is not part of a bench.
 */
export interface Target {
	/** What the report calls it. */
	readonly platform: "sim" | "esp32" | "esp8266";
	/** It has an ESP8266's memory and limits. */
	readonly isSmall: boolean;
	/** Milliseconds that the board may take until it asks for something to do. */
	readonly bootTimeout: number;
	/**
	 * Power on, or a reset: the board begins anew, with the flash that it had.
	 *
	 * @throws Error that says what to do
	 */
	switchOn(listener: TargetListener): Promise<PoweredBoard>;
	close(): Promise<void>;
}

export interface TargetListener {
	/** A line of the board's trace. */
	onLine(line: string): void;
	/** What the engine measures once a second, by name, in bytes. */
	onMeters(meters: ReadonlyMap<string, number>): void;
}

export interface PoweredBoard {
	/** Settles with the reason when the board has come to an end by itself. Never after `cut`. */
	readonly ended: Promise<string>;
	/** Cuts its power, at whatever it is doing. */
	powerOff(): Promise<void>;
}

/** A board that has been switched on, wherever it lies. */
export function poweredBoard({ exited, kill }: Board): PoweredBoard {
	return {
		ended: new Promise((resolve) => exited.then(({ killed, message }) => killed || resolve(message))),
		async powerOff() {
			kill();
			await exited;
		},
	};
}
