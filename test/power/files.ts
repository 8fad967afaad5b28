import type { CutMoment, CuttableStorage } from "./storage.js";

const maxValueBytes = 4000;

/** All values in one file of JSON, of which a cut may leave a part. */
abstract class File implements CuttableStorage {
	readonly maxValueBytes = maxValueBytes;
	watch: ((moment: CutMoment) => void) | undefined;
	/** Undefined: there is no such file. */
	protected text: string | undefined;
	readonly #values: Map<string, string>;

	constructor(text: string | undefined) {
		this.text = text;
		this.#values = parsed(text);
	}

	copy(): CuttableStorage {
		return this.with(this.text);
	}

	content(): string {
		return this.text ?? "no file";
	}

	get(key: string): Uint8Array | undefined {
		const value = this.#values.get(key);
		return value === undefined ? undefined : new Uint8Array(Buffer.from(value, "base64"));
	}

	set(key: string, value: Uint8Array): void {
		this.#values.set(key, Buffer.from(value).toString("base64"));
		this.#save();
	}

	delete(key: string): void {
		if (this.#values.delete(key)) this.#save();
	}

	/** The same kind of file with this content. */
	protected abstract with(text: string | undefined): CuttableStorage;

	/** All that may be there on the way from the file to its successor. */
	protected abstract steps(next: string): readonly (string | undefined)[];

	#save(): void {
		const next = JSON.stringify(Object.fromEntries(this.#values));
		for (const step of [this.text, ...this.steps(next), next])
			this.watch?.({ what: "the file is written", storageAfterCut: () => this.with(step) });
		this.text = next;
	}
}

/**
 * The simulator's preferences (SDK modules/files/preference/lin): the file is deleted, then written. What is no JSON
 * is taken for an empty one.
 */
export class SimulatorFile extends File {
	constructor(text?: string) {
		super(text);
	}

	protected with(text: string | undefined): CuttableStorage {
		return new SimulatorFile(text);
	}

	protected steps(next: string) {
		return [
			undefined,
			...Array.from({ length: 16 }, (_, part) => next.slice(0, Math.floor((next.length * part) / 16))),
		];
	}
}

/** A file that is written beside the old one and takes its name (hosts/node/storage.ts). Nobody reads what is beside it. */
export class RenamedFile extends File {
	constructor(text?: string) {
		super(text);
	}

	protected with(text: string | undefined): CuttableStorage {
		return new RenamedFile(text);
	}

	protected steps() {
		return Array(16).fill(this.text);
	}
}

function parsed(text: string | undefined): Map<string, string> {
	try {
		return new Map(Object.entries<string>(JSON.parse(text ?? "{}")));
	} catch {
		return new Map();
	}
}
