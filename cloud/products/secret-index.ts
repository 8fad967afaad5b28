/** Finds secrets in texts. The time does not grow with the number of secrets: anybody may send the cloud texts. */
export class SecretIndex {
	/** By length: how many owners each secret has. */
	readonly #byLength = new Map<number, Map<string, number>>();

	add(secret: string): void {
		const secrets = this.#byLength.get(secret.length) ?? new Map<string, number>();
		this.#byLength.set(secret.length, secrets);
		secrets.set(secret, (secrets.get(secret) ?? 0) + 1);
	}

	/** Removes one owner of the secret. */
	remove(secret: string): void {
		const secrets = this.#byLength.get(secret.length);
		const owners = secrets?.get(secret);
		if (!secrets || owners === undefined) return;
		if (owners > 1) secrets.set(secret, owners - 1);
		else secrets.delete(secret);
		if (secrets.size === 0) this.#byLength.delete(secret.length);
	}

	/** @returns the text with `[secret]` in place of each secret */
	redact(text: string): string {
		// The longest first: a secret may be the beginning of another one.
		const lengths = [...this.#byLength.keys()].filter((length) => length > 0).sort((one, other) => other - one);
		let clean = "";
		let copied = 0;
		for (let start = 0; start < text.length; ) {
			const found = lengths.find((length) => this.#byLength.get(length)?.has(text.slice(start, start + length)));
			if (found === undefined) start++;
			else {
				clean += `${text.slice(copied, start)}[secret]`;
				start += found;
				copied = start;
			}
		}
		return clean + text.slice(copied);
	}
}
