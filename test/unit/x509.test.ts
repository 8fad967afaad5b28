import { readFileSync } from "node:fs";
import test from "ava";
import { verifyChain } from "dynreg/x509/verify-chain";
import { basicConstraints, certificate, keys, now, subjectAltName } from "../trust/certificate-builder.js";
import { corpus, host, named, names, reasons } from "../trust/corpus.js";
import { utcTime } from "../trust/der-writer.js";
import { board } from "../trust/judge.js";

interface Verdict {
	readonly openssl: "ok" | "refused";
	/** An error code, or "ok". */
	readonly board: string;
}

const verdicts: Readonly<Record<string, Verdict>> = JSON.parse(
	readFileSync(new URL("../../trust/verdicts.json", import.meta.url), "utf8"),
);

test("the board's verdict on each chain is the recorded one", (t) => {
	t.true(corpus.length >= 300);
	t.deepEqual(Object.fromEntries(corpus.map((chain) => [chain.name, board(chain)])), boards(), "write-verdicts.ts");
});

test("no chain that OpenSSL refuses is accepted; stricter verdicts have a reason", (t) => {
	for (const { name, stricter } of corpus) {
		const { openssl, board } = verdicts[name] as Verdict;
		// `openssl verify` is not asked for a name.
		const accepted = board === "ok" || board === "certificate-wrong-name";
		if (openssl === "refused") t.false(accepted, name);
		t.is(stricter !== undefined, openssl === "ok" && !accepted, name);
	}
});

test("each reason for a stricter verdict is documented", (t) => {
	const document = readFileSync(new URL("../../../docs/internals/tls.md", import.meta.url), "utf8");
	for (const [name, reason] of Object.entries(reasons)) {
		t.true(document.includes(reason), reason);
		t.true(
			corpus.some(({ stricter }) => stricter === name),
			name,
		);
	}
});

for (const [name, list, fits] of names)
	test(`${fits ? "a certificate" : "no certificate"} for ${list.join(" and ") || "nobody"} stands for ${name}`, (t) => {
		const own = named(list);
		const anchors = { authorities: () => [own], isSignedBy: () => false };
		t.is(verifyChain([own], name, now * 1000, anchors), fits ? undefined : "certificate-wrong-name");
	});

test("a trusted path reports its first expiry, whichever certificate it is", (t) => {
	const root = (to: Uint8Array) =>
		certificate({
			subject: "Root",
			issuer: "Root",
			key: keys.root,
			signer: keys.root,
			extensions: [basicConstraints(true)],
			to,
		});
	const own = (to: Uint8Array) =>
		certificate({
			subject: host,
			issuer: "Root",
			key: keys.server,
			signer: keys.root,
			extensions: [subjectAltName([host])],
			to,
		});
	const [soon, late] = [utcTime("260701000000Z"), utcTime("310701000000Z")];
	const expiry = Date.UTC(2026, 6, 1);
	for (const [server, authority] of [
		[own(soon), root(late)],
		[own(late), root(soon)],
	] as const) {
		const anchors = { authorities: () => [authority], isSignedBy: () => true };
		const end = (before: number) => {
			const given = { ...anchors, end: before };
			t.is(verifyChain([server], host, now * 1000, given), undefined);
			return given.end;
		};
		t.is(end(Number.POSITIVE_INFINITY), expiry);
		t.is(end(expiry - 1), expiry - 1);
		t.is(verifyChain([server], host, now * 1000, anchors), undefined);
		t.false("end" in anchors);
	}
});

test("no certificate at all is refused", (t) => {
	t.is(verifyChain([], "a", now * 1000, { authorities: () => [], isSignedBy: () => true }), "certificate-untrusted");
});

function boards(): Record<string, string> {
	return Object.fromEntries(Object.entries(verdicts).map(([name, verdict]) => [name, verdict.board]));
}
