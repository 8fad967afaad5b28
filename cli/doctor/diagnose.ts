import { createClock } from "@dynreg/node/internal/clock";
import { findRoot, type PlatformRoot, platformRoots, type RootLocation } from "../sdk/root-certificates.js";
import { type Check, type Purpose, purposes } from "./check.js";
import { checkClock, checkClockOnline } from "./clock.js";
import { type ConfigurationDiagnosis, diagnoseConfiguration } from "./configuration.js";
import { checkCompiler, checkDisplay, checkNode, checkTypescript, checkXsEngine } from "./desktop.js";
import { checkCmake, checkEspIdf, checkEspIdfTools, checkPyserial, checkPython } from "./esp32-tools.js";
import { checkEsp8266Tools } from "./esp8266-tools.js";
import { type Machine, thisMachine } from "./machine.js";
import { checkSdk, checkSdkTools } from "./sdk.js";
import { checkSerialPorts } from "./serial.js";
import { checkServers } from "./servers.js";

/** A root that ends within this is marked: milliseconds. */
const expiryWarning = 2 * 365.25 * 24 * 60 * 60 * 1000;

/** A root certificate, and where it was found. */
export interface RootStatus extends RootLocation {
	readonly root: PlatformRoot;
	/** It expires within two years, or has. */
	readonly expiring: boolean;
}

/** All that the doctor has found. */
export interface Diagnosis {
	readonly asked: readonly Purpose[];
	readonly checks: readonly Check[];
	readonly roots: readonly RootStatus[];
	readonly badFiles: readonly string[];
	/** The file of the configuration. */
	readonly config: string | undefined;
	readonly isHealthy: boolean;
}

export interface DiagnosisOptions {
	/** The configuration's file. */
	readonly config: string | undefined;
	/** Reach for the configuration's servers. */
	readonly online: boolean;
	/** Folders of private roots. */
	readonly certs: readonly string[];
}

/**
 * Checks this computer, and a configuration.
 *
 * @param asked for what; none: for everything
 */
export async function diagnose(
	asked: readonly Purpose[],
	{ config, online, certs }: DiagnosisOptions,
): Promise<Diagnosis> {
	const roots = platformRoots.map((root) => ({
		root,
		...findRoot(root, certs),
		expiring: Date.parse(root.expires) - Date.now() < expiryWarning,
	}));
	const badFiles = roots.flatMap(({ problem }) => problem ?? []);
	const forBoard = asked.some((purpose) => purpose === "esp32" || purpose === "esp8266");
	const examined = config === undefined ? { checks: [] } : diagnoseConfiguration(config, roots, forBoard);
	const wanted = asked.length > 0 ? asked : purposes;
	const checks = [
		...(await machineChecks(thisMachine)).filter((check) => check.for.some((purpose) => wanted.includes(purpose))),
		...examined.checks,
		...(online ? await onlineChecks(examined, certs) : []),
	];
	// A computer that boards are only tried on needs no toolchain.
	const decisive: readonly Purpose[] = asked.length > 0 ? asked : ["try"];
	const isHealthy = badFiles.length === 0 && checks.every((check) => !isBlocking(check, decisive));
	return { asked: wanted, checks, roots, badFiles, config, isHealthy };
}

/** A check that is for no purpose is about the configuration. */
function isBlocking({ state, for: purposes }: Check, decisive: readonly Purpose[]): boolean {
	return state === "missing" && (purposes.length === 0 || purposes.some((purpose) => decisive.includes(purpose)));
}

/** Everything about the computer, in the order in which one would install it. */
async function machineChecks(machine: Machine): Promise<Check[]> {
	return [
		checkNode(),
		checkClock(hostClock()),
		await checkXsEngine(),
		checkCompiler(machine),
		checkSdk(machine),
		checkSdkTools(machine),
		checkDisplay(machine),
		checkTypescript(machine),
		checkPython(machine),
		checkPyserial(machine),
		checkCmake(machine),
		checkEspIdf(machine),
		checkEspIdfTools(machine),
		...checkEsp8266Tools(machine),
		checkSerialPorts(machine),
	];
}

async function onlineChecks(
	{ device, configuration }: ConfigurationDiagnosis,
	certs: readonly string[],
): Promise<Check[]> {
	const host = hostClock();
	const time = checkClockOnline(host, configuration, device, certs);
	return [...(device ? await checkServers(device, host, certs) : []), await time];
}

function hostClock() {
	return createClock({ power: new AbortController().signal });
}
