import { bannedInDocument, bannedPhrases } from "@dynreg/tools/wording";
import test from "ava";

test("a banned phrase is found with its line and the word to use instead", (t) => {
	t.deepEqual(bannedPhrases("A retry.\nWhoever reads this can mend it."), [
		{ line: 2, phrase: "mend", instead: "fix" },
		{ line: 2, phrase: "Whoever", instead: "the reader, user, client or attacker that is meant" },
	]);
});

for (const text of ["recommended", "a due date", "she looked up", "it comes off"])
	test(`"${text}" is no banned phrase`, (t) => {
		t.deepEqual(bannedPhrases(text), []);
	});

test("code and generated parts are skipped, and line numbers stay", (t) => {
	const document = "`mend`\n```sh\nmend\n```\n<!-- keys:begin -->\nmend\n<!-- keys:end -->\nmend";
	t.deepEqual(bannedInDocument(document), [{ line: 8, phrase: "mend", instead: "fix" }]);
});
