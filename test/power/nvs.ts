import type { CutMoment, CuttableStorage } from "./storage.js";

/** Of one page, 32 bytes each. */
const entries = 126;
const entryBytes = 32;

/** A run of entries: a piece of a value, the index that makes the pieces a value, or what a cut has left of either. */
interface Item {
	readonly kind: "piece" | "index" | "torn";
	readonly key: string;
	/** Number of the piece; of an index, how many pieces there are. */
	readonly number: number;
	readonly bytes: Uint8Array;
	readonly span: number;
	readonly erased: boolean;
}

interface Page {
	state: "empty" | "active" | "full" | "freeing";
	/** Order of activation. */
	sequence: number;
	items: Item[];
}

/**
 * ESP32: NVS of ESP-IDF behind the SDK's `Preference`, which erases a key before it sets it.
 *
 * Flash is pages of 126 entries, of which one is always kept empty. A value is pieces, each in one page, and an index
 * that is written last and erased first. Entries carry checksums, so what is torn is known for it at the next start,
 * and so are pieces without an index. When no page is left, the one with the least in it is freed: marked,
 * copied, erased; if power goes meanwhile, the copy is thrown away and begun again. That an erase which power interrupts
 * leaves no sound page header is NVS's own assumption, and is made here too.
 */
export class Nvs implements CuttableStorage {
	/** Bytes: hosts/moddable/platforms/esp32/limits.ts. */
	readonly maxValueBytes = 4000;
	watch: ((moment: CutMoment) => void) | undefined;
	#pages: Page[];
	#sequence = 0;

	/** @param pages six are what the SDK's partition table gives to NVS */
	constructor(pages: readonly Page[] = Array.from({ length: 6 }, () => ({ state: "empty", sequence: 0, items: [] }))) {
		this.#pages = pages.map((page) => ({ ...page, items: [...page.items] }));
		this.#start();
	}

	copy(): Nvs {
		return new Nvs(this.#pages);
	}

	content(): string {
		return JSON.stringify(this.#pages, (_, value) =>
			value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
		);
	}

	get(key: string): Uint8Array | undefined {
		const index = this.#live().find((item) => item.kind === "index" && item.key === key);
		if (!index) return undefined;
		const pieces = this.#live().filter((item) => item.kind === "piece" && item.key === key);
		const ordered = Array.from({ length: index.number }, (_, number) =>
			pieces.find((piece) => piece.number === number),
		);
		return ordered.every((piece) => piece !== undefined)
			? new Uint8Array(Buffer.concat(ordered.map(({ bytes }) => bytes)))
			: undefined;
	}

	set(key: string, value: Uint8Array): void {
		this.delete(key);
		let number = 0;
		for (let done = 0; done < value.length || number === 0; number++) {
			const room = Math.min(value.length - done, (this.#room(2) - 1) * entryBytes);
			this.#write({ kind: "piece", key, number, bytes: value.slice(done, done + room) });
			done += room;
		}
		this.#room(1);
		this.#write({ kind: "index", key, number, bytes: new Uint8Array(0) });
	}

	delete(key: string): void {
		this.#moment();
		for (const kind of ["index", "piece"] as const)
			for (const page of this.#pages)
				for (const [position, item] of page.items.entries())
					if (item.kind === kind && item.key === key && !item.erased) {
						page.items[position] = { ...item, erased: true };
						this.#moment();
					}
	}

	/** What `nvs_flash_init` repairs. */
	#start(): void {
		this.#sequence = Math.max(...this.#pages.map(({ sequence }) => sequence)) + 1;
		for (const page of this.#pages)
			page.items = page.items.map((item) => (item.kind === "torn" ? { ...item, erased: true } : item));
		const freeing = this.#pages.find(({ state }) => state === "freeing");
		if (freeing) {
			const last = this.#active();
			if (last) Object.assign(last, { state: "empty", sequence: 0, items: [] });
			this.#copyAway(freeing);
		}
		const indexed = new Set(this.#live().flatMap((item) => (item.kind === "index" ? [item.key] : [])));
		for (const page of this.#pages)
			page.items = page.items.map((item) =>
				item.kind === "piece" && !indexed.has(item.key) ? { ...item, erased: true } : item,
			);
	}

	#live(): Item[] {
		return this.#pages.flatMap(({ items }) => items.filter(({ erased, kind }) => !erased && kind !== "torn"));
	}

	#active(): Page | undefined {
		return this.#pages.find(({ state }) => state === "active");
	}

	/** Makes a page with room for so many entries the active one. @returns how many it has room for */
	#room(needed: number): number {
		let page = this.#active();
		if (page && entries - used(page) >= needed) return entries - used(page);
		if (page) {
			page.state = "full";
			this.#moment();
		}
		if (this.#pages.filter(({ state }) => state === "empty").length >= 2) this.#activate();
		else this.#free();
		page = this.#active() as Page;
		if (entries - used(page) < needed) throw new Error("nvs set fail");
		return entries - used(page);
	}

	#activate(): Page {
		const page = this.#pages.find(({ state }) => state === "empty");
		if (!page) throw new Error("nvs set fail");
		page.state = "active";
		page.sequence = this.#sequence++;
		this.#moment();
		return page;
	}

	#free(): void {
		const full = this.#pages.filter(({ state }) => state === "full");
		const [least] = full.toSorted((one, other) => kept(one) - kept(other));
		if (!least || kept(least) === entries) throw new Error("nvs set fail");
		least.state = "freeing";
		this.#moment();
		this.#copyAway(least);
	}

	#copyAway(page: Page): void {
		this.#activate();
		for (const item of page.items) if (!item.erased) this.#write(item);
		Object.assign(page, { state: "empty", sequence: 0, items: [] });
		this.#moment();
	}

	/** To the active page, entry by entry. */
	#write(item: Pick<Item, "kind" | "key" | "number" | "bytes">): void {
		const { items } = this.#active() as Page;
		const span = 1 + Math.ceil(item.bytes.length / entryBytes);
		const position = items.length;
		this.#moment();
		for (let written = 1; written <= span; written++) {
			items[position] = { ...item, kind: "torn", bytes: new Uint8Array(0), span: written, erased: false };
			this.#moment();
		}
		items[position] = { ...item, span, erased: false };
		this.#moment();
	}

	#moment(): void {
		this.watch?.({ what: "an entry is written", storageAfterCut: () => this.copy() });
	}
}

function used({ items }: Page): number {
	return items.reduce((sum, { span }) => sum + span, 0);
}

function kept({ items }: Page): number {
	return items.reduce((sum, { span, erased }) => sum + (erased ? 0 : span), 0);
}
