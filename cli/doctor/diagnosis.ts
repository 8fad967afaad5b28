import { createClock } from "@dynreg/node/internal/clock";
import { lookFor, type Presence, type Root, roots } from "../sdk/roots.js";
import { type Check, type Purpose, purposes } from "./check.js";
import { clock, clockOnline } from "./clock.js";
import { type Examined, examine } from "./configuration.js";
import { compiler, display, engine, node, typescript } from "./desktop.js";
import { cmake, idf, idfTools, pyserial, python } from "./esp32.js";
import { esp8266Parts } from "./esp8266.js";
import { type Machine, thisMachine } from "./machine.js";
import { reach } from "./online.js";
import { sdk, sdkTools } from "./sdk.js";
import { serialPorts } from "./serial.js";

/** A root that ends within this is marked: milliseconds. */
const soon = 2 * 365.25 * 24 * 60 * 60 * 1000;

/** A root certificate, and where it was found. */
export interface Row extends Presence {
	readonly root: Root;
	/** It expires within two years, or has. */
	readonly expiring: boolean;
}

/** All that the doctor has found. */
export interface Diagnosis {
	readonly asked: readonly Purpose[];
	readonly checks: readonly Check[];
	readonly rows: readonly Row[];
	readonly faults: readonly string[];
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
	const rows = roots.map((root) => ({
		root,
		...lookFor(root, certs),
		expiring: Date.parse(root.expires) - Date.now() < soon,
	}));
	const faults = rows.flatMap(({ fault }) => fault ?? []);
	const forBoard = asked.some((purpose) => purpose === "esp32" || purpose === "esp8266");
	const examined = config === undefined ? { checks: [] } : examine(config, rows, forBoard);
	const wanted = asked.length > 0 ? asked : purposes;
	const checks = [
		...(await machineChecks(thisMachine)).filter((check) => check.for.some((purpose) => wanted.includes(purpose))),
		...examined.checks,
		...(online ? await onlineChecks(examined, certs) : []),
	];
	// A computer that boards are only tried on needs no toolchain.
	const decisive: readonly Purpose[] = asked.length > 0 ? asked : ["try"];
	const isHealthy = faults.length === 0 && checks.every((check) => !isInTheWay(check, decisive));
	return { asked: wanted, checks, rows, faults, config, isHealthy };
}

/** A check that is for no purpose is about the configuration. */
function isInTheWay({ state, for: purposes }: Check, decisive: readonly Purpose[]): boolean {
	return state === "missing" && (purposes.length === 0 || purposes.some((purpose) => decisive.includes(purpose)));
}

/** Everything about the computer, in the order in which one would install it. */
async function machineChecks(machine: Machine): Promise<Check[]> {
	return [
		node(),
		clock(hostClock()),
		await engine(),
		compiler(machine),
		sdk(machine),
		sdkTools(machine),
		display(machine),
		typescript(machine),
		python(machine),
		pyserial(machine),
		cmake(machine),
		idf(machine),
		idfTools(machine),
		...esp8266Parts(machine),
		serialPorts(machine),
	];
}

async function onlineChecks({ device, configuration }: Examined, certs: readonly string[]): Promise<Check[]> {
	const host = hostClock();
	const time = clockOnline(host, configuration, device, certs);
	return [...(device ? await reach(device, host, certs) : []), await time];
}

function hostClock() {
	return createClock({ power: new AbortController().signal });
}
