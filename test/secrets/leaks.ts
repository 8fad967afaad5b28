/** Finds secrets in what has been printed, whatever form they have taken on the way. */

/** Characters. A shorter text is found by chance, and is nobody's secret. */
const shortest = 12;
/** Characters that a form is looked up by. */
const head = 8;

interface Form {
	readonly text: string;
	readonly what: string;
}

/**
 * Where secrets stand in these texts, in sentences that do not show them.
 *
 * @param texts what was printed
 */
export function findLeaks(texts: Iterable<string>, secrets: Iterable<string>): string[] {
	const forms = new Map<string, Form[]>();
	for (const secret of secrets)
		for (const form of formsOf(secret)) {
			const key = form.text.slice(0, head);
			const others = forms.get(key);
			if (others) others.push(form);
			else forms.set(key, [form]);
		}
	const found = new Set<string>();
	for (const text of texts)
		for (let at = 0; at + head <= text.length; at++)
			for (const { text: form, what } of forms.get(text.slice(at, at + head)) ?? [])
				if (text.startsWith(form, at))
					found.add(
						`a secret that begins with ${form.slice(0, 3)} (${what}), behind "${text.slice(Math.max(0, at - 60), at)}"`,
					);
	return [...found];
}

function formsOf(secret: string): Form[] {
	if (secret.length < shortest) return [];
	const bytes = Buffer.from(secret);
	const forms = [
		{ what: "as it is", text: secret },
		{ what: "in JSON", text: JSON.stringify(secret).slice(1, -1) },
		{ what: "percent-encoded", text: encodeURIComponent(secret) },
		...encoded(bytes, ""),
	];
	// A psk and a private key are kept as base64: their bytes are what is secret.
	const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(secret) && secret.length % 4 === 0;
	if (isBase64) forms.push(...encoded(Buffer.from(secret, "base64"), " of what it stands for"));
	// In PEM it stands in lines.
	if (secret.length > 200)
		for (let start = 0; start + 64 <= secret.length; start += 64)
			forms.push({ what: "a line of it", text: secret.slice(start, start + 64) });
	return forms.filter(
		({ text }, index) => text.length >= head && forms.findIndex((form) => form.text === text) === index,
	);
}

function encoded(bytes: Buffer, of: string): Form[] {
	const hex = bytes.toString("hex");
	return [
		{ what: `hexadecimal${of}`, text: hex },
		{ what: `hexadecimal${of}`, text: hex.toUpperCase() },
		{ what: `base64${of}`, text: bytes.toString("base64url") },
		// Behind something else, it begins in the middle of a group of four.
		...[0, 1, 2].map((offset) => {
			const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
			return { what: `base64${of}`, text: text.slice(offset && 4, (bytes.length + offset) % 3 ? -4 : undefined) };
		}),
	];
}
