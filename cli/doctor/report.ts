import { relative } from "node:path";
import { colour } from "../terminal/colour.js";
import { type Check, isReady, type Purpose, purposes } from "./check.js";
import type { Diagnosis, RootStatus } from "./diagnose.js";

/** @param roots list all root certificates, too */
export function printDiagnosis(diagnosis: Diagnosis, { roots, json }: { roots: boolean; json: boolean }): void {
	process.stdout.write(json ? `${JSON.stringify(jsonReport(diagnosis))}\n` : textReport(diagnosis, roots));
}

function jsonReport({ asked, checks, roots, badFiles, isHealthy }: Diagnosis) {
	const ready = Object.fromEntries(asked.map((purpose) => [purpose, isReady(purpose, checks)]));
	return { healthy: isHealthy, ready, checks, roots: roots.map(jsonRoot), badFiles };
}

function jsonRoot({ root, found, expiring }: RootStatus) {
	const { name, subject, cloud, vouchesFor, sha256, expires } = root;
	return { name, subject, cloud, vouchesFor, sha256, expires, expiring, found };
}

function textReport(diagnosis: Diagnosis, withRoots: boolean): string {
	const { asked, checks, roots, badFiles, config } = diagnosis;
	const ofMachine = checks.filter((check) => check.for.length > 0);
	const ofConfiguration = checks.filter((check) => check.for.length === 0);
	return [
		...ofMachine.map((check) => line(check, asked)),
		...(config === undefined
			? []
			: [`\n${colour(process.stdout, "bold", config)}\n`, ...ofConfiguration.map((check) => line(check, []))]),
		...(withRoots ? ["\n", ...roots.map((row) => `${rootLine(row)}\n`)] : []),
		...badFiles.map((sentence) => `\n${colour(process.stdout, "red", "wrong file:")} ${sentence}\n`),
		`\n${summary(diagnosis)}\n`,
	].join("");
}

const colours = { ok: "green", warning: "yellow", missing: "red" } as const;

function line({ title, state, detail, fix, for: whose }: Check, asked: readonly Purpose[]): string {
	const only =
		asked.length > 1 && whose.length < purposes.length ? colour(process.stdout, "gray", ` (${whose.join(", ")})`) : "";
	const first = `${colour(process.stdout, colours[state], state.padEnd(8))}${title.padEnd(27)}${detail}${only}\n`;
	return fix === undefined ? first : `${first}${" ".repeat(8)}${colour(process.stdout, "bold", fix)}\n`;
}

function rootLine({ root, found, problem, expiring }: RootStatus): string {
	const isPrivate = "publishedAt" in root.source;
	const places = found.map((place) => (isPrivate ? relative(".", place) : place)).join(", ");
	const state = places || (problem ? "wrong file" : isPrivate ? "not in certs/" : "in no store");
	const shade = found.length ? "green" : problem ? "red" : "yellow";
	const until = `until ${root.expires}${expiring ? " (within two years)" : ""}`;
	return [
		colour(process.stdout, shade, state.padEnd(24)),
		root.name.padEnd(24),
		root.cloud.padEnd(8),
		`${until}: ${root.vouchesFor}`,
		`\n${" ".repeat(24)} ${root.sha256}`,
	].join(" ");
}

function summary({ asked, checks, config, isHealthy }: Diagnosis): string {
	const ready = asked.filter((purpose) => isReady(purpose, checks));
	const not = asked
		.filter((purpose) => !ready.includes(purpose))
		.map((purpose) => `${purpose} (${missingCount(purpose, checks)} missing)`);
	const lines = [
		...(ready.length ? [`Ready: ${ready.join(", ")}.`] : []),
		...(not.length ? [`Not ready: ${not.join(", ")}.`] : []),
	].join(" ");
	if (config === undefined) return `${lines}\nBefore a real platform: dynreg doctor --config FILE --online`;
	const about = checks.filter((check) => check.for.length === 0 && check.state === "missing").length;
	const said = about === 0 ? `${config}: everything required is present.` : `${config}: ${about} missing.`;
	return `${lines}\n${isHealthy || about > 0 ? said : `${said} This computer is not ready.`}`;
}

function missingCount(purpose: Purpose, checks: readonly Check[]): number {
	return checks.filter((check) => check.state === "missing" && check.for.includes(purpose)).length;
}
