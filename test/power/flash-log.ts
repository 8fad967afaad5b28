import type { Storage } from "dynreg/contracts/host";
import { openFlashLog, type Sectors } from "dynreg/credential-store/flash-log";
import { NorFlash, sectorBytes } from "./nor-flash.js";
import type { CutMoment, CuttableStorage } from "./storage.js";

export function sectorsOf(flash: NorFlash): Sectors {
	return {
		bytes: sectorBytes,
		read: (sector, offset, length) => flash.read(sector * sectorBytes + offset, length),
		write: (sector, offset, bytes) => flash.write(sector * sectorBytes + offset, bytes),
		erase: (sector) => flash.erase(sector),
	};
}

/** Two sectors of an ESP8266's flash with the library's own format (`dynreg/credential-store/flash-log`). */
export class FlashLog implements CuttableStorage {
	readonly #flash: NorFlash;
	#opened: Storage | undefined;

	constructor(flash: NorFlash = NorFlash.erased(2)) {
		this.#flash = flash;
	}

	get maxValueBytes(): number {
		return this.#log.maxValueBytes;
	}

	set watch(watch: ((moment: CutMoment) => void) | undefined) {
		this.#flash.watch =
			watch && ((_, left) => watch({ what: "a value is written", storageAfterCut: () => new FlashLog(left()) }));
	}

	copy(): FlashLog {
		return new FlashLog(this.#flash.copy());
	}

	content(): string {
		return this.#flash.content();
	}

	get(key: string): Uint8Array | undefined {
		return this.#log.get(key);
	}

	set(key: string, value: Uint8Array): void {
		this.#log.set(key, value);
	}

	delete(key: string): void {
		this.#log.delete(key);
	}

	/** Opened when it is first needed: most of what a cut leaves is the same as what another leaves. */
	get #log(): Storage {
		this.#opened ??= openFlashLog(sectorsOf(this.#flash));
		return this.#opened;
	}
}
