import type { Storage } from "dynreg/contracts/host";

/** Power went off in the middle of a write. Nothing after it runs until the next boot. */
export class PowerCut extends Error {}

/**
 * A flash whose power can be cut at any storage operation, and within it.
 *
 * As behind the SDK's `Preference` on an ESP32: a key is erased before it is set, so a cut may
 * leave it missing; worse than there, a cut may also leave a part of the value.
 */
export class InMemoryFlash implements Storage {
	readonly maxValueBytes: number;
	readonly values = new Map<string, Uint8Array>();
	/** Steps until the power goes off; each write has five of them. */
	stepsUntilCut = Number.POSITIVE_INFINITY;
	steps = 0;

	constructor(maxValueBytes: number) {
		this.maxValueBytes = maxValueBytes;
	}

	get(key: string): Uint8Array | undefined {
		return this.values.get(key)?.slice();
	}

	set(key: string, value: Uint8Array): void {
		if (!/^[a-z0-9]{1,15}$/.test(key)) throw new Error(`bad key ${key}`);
		if (value.length > this.maxValueBytes) throw new Error(`${value.length} bytes in ${key}`);
		this.#step();
		this.values.delete(key);
		this.#step();
		this.values.set(key, value.slice(0, value.length >> 1));
		this.#step();
		this.values.set(key, value.slice(0, -1));
		this.#step();
		// Written in part, erased behind.
		this.values.set(key, value.slice().fill(0xff, 5));
		this.#step();
		this.values.set(key, value.slice());
	}

	delete(key: string): void {
		this.#step();
		this.values.delete(key);
	}

	/** The same flash in a board that is switched on again. */
	copy(): InMemoryFlash {
		const copy = new InMemoryFlash(this.maxValueBytes);
		for (const [key, value] of this.values) copy.values.set(key, value.slice());
		return copy;
	}

	#step(): void {
		if (this.steps++ >= this.stepsUntilCut) throw new PowerCut();
	}
}
