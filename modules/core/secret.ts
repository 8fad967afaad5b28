/**
 * A value that must not be seen. Printing it, joining it into a string or turning
 * it into JSON gives `[secret]`; only `reveal` gives the value.
 */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return "[secret]";
	}

	toJSON(): string {
		return "[secret]";
	}
}
