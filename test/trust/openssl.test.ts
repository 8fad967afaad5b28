/** Whether the recorded verdicts on the corpus of chains, which test/unit/x509.test.ts compares with, are OpenSSL's. */

import { readFileSync } from "node:fs";
import test from "ava";
import { corpus } from "./corpus.js";
import { OpenSsl } from "./judge.js";

const verdicts: Readonly<Record<string, { readonly openssl: "ok" | "refused" }>> = JSON.parse(
	readFileSync(new URL("../../trust/verdicts.json", import.meta.url), "utf8"),
);

test("the recorded verdicts of OpenSSL are those of the installed one", (t) => {
	const version = OpenSsl.version();
	if (version === undefined) {
		t.log("skipped: openssl is not installed");
		t.pass();
		return;
	}
	const openssl = new OpenSsl();
	try {
		for (const chain of corpus)
			t.is(openssl.accepts(chain), verdicts[chain.name]?.openssl === "ok", `${chain.name} (${version})`);
	} finally {
		openssl[Symbol.dispose]();
	}
});
