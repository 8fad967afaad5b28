import { relative } from "node:path";
import { colour } from "../terminal/colour.js";
import { type Check, isReady, type Purpose, purposes } from "./check.js";
import type { Diagnosis, Row } from "./diagnosis.js";

/** @param roots list all root certificates, too */
export function printDiagnosis(diagnosis: Diagnosis, { roots, json }: { roots: boolean; json: boolean }): void {
	process.stdout.write(json ? `${JSON.stringify(plain(diagnosis))}\n` : text(diagnosis, roots));
}

function plain({ asked, checks, rows, faults, isHealthy }: Diagnosis) {
	const ready = Object.fromEntries(asked.map((purpose) => [purpose, isReady(purpose, checks)]));
	return { healthy: isHealthy, ready, checks, roots: rows.map(plainRow), faults };
}

function plainRow({ root, found, expiring }: Row) {
	const { name, subject, cloud, vouchesFor, sha256, expires } = root;
	return { name, subject, cloud, vouchesFor, sha256, expires, expiring, found };
}

function text(diagnosis: Diagnosis, withRoots: boolean): string {
	const { asked, checks, rows, faults, config } = diagnosis;
	const ofMachine = checks.filter((check) => check.for.length > 0);
	const ofConfiguration = checks.filter((check) => check.for.length === 0);
	return [
		...ofMachine.map((check) => line(check, asked)),
		...(config === undefined
			? []
			: [`\n${colour(process.stdout, "bold", config)}\n`, ...ofConfiguration.map((check) => line(check, []))]),
		...(withRoots ? ["\n", ...rows.map((row) => `${rootLine(row)}\n`)] : []),
		...faults.map((sentence) => `\n${colour(process.stdout, "red", "wrong file:")} ${sentence}\n`),
		`\n${verdict(diagnosis)}\n`,
	].join("");
}

const colours = { ok: "green", warning: "yellow", missing: "red" } as const;

function line({ title, state, detail, mend, for: whose }: Check, asked: readonly Purpose[]): string {
	const only =
		asked.length > 1 && whose.length < purposes.length ? colour(process.stdout, "gray", ` (${whose.join(", ")})`) : "";
	const first = `${colour(process.stdout, colours[state], state.padEnd(8))}${title.padEnd(27)}${detail}${only}\n`;
	return mend === undefined ? first : `${first}${" ".repeat(8)}${colour(process.stdout, "bold", mend)}\n`;
}

function rootLine({ root, found, fault, expiring }: Row): string {
	const isPrivate = "publishedAt" in root.source;
	const places = found.map((place) => (isPrivate ? relative(".", place) : place)).join(", ");
	const state = places || (fault ? "wrong file" : isPrivate ? "not in certs/" : "in no store");
	const shade = found.length ? "green" : fault ? "red" : "yellow";
	const until = `until ${root.expires}${expiring ? " (within two years)" : ""}`;
	return [
		colour(process.stdout, shade, state.padEnd(24)),
		root.name.padEnd(24),
		root.cloud.padEnd(8),
		`${until}: ${root.vouchesFor}`,
		`\n${" ".repeat(24)} ${root.sha256}`,
	].join(" ");
}

function verdict({ asked, checks, config, isHealthy }: Diagnosis): string {
	const ready = asked.filter((purpose) => isReady(purpose, checks));
	const not = asked
		.filter((purpose) => !ready.includes(purpose))
		.map((purpose) => `${purpose} (${lacking(purpose, checks)} missing)`);
	const lines = [
		...(ready.length ? [`Ready: ${ready.join(", ")}.`] : []),
		...(not.length ? [`Not ready: ${not.join(", ")}.`] : []),
	].join(" ");
	if (config === undefined) return `${lines}\nBefore a real platform: dynreg doctor --config FILE --online`;
	const about = checks.filter((check) => check.for.length === 0 && check.state === "missing").length;
	const said = about === 0 ? `All that ${config} needs is here.` : `${config}: ${about} missing.`;
	return `${lines}\n${isHealthy || about > 0 ? said : `${said} The computer lacks something.`}`;
}

function lacking(purpose: Purpose, checks: readonly Check[]): number {
	return checks.filter((check) => check.state === "missing" && check.for.includes(purpose)).length;
}
