import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A place where boards live: how to start one, with the options of `dynreg board`. */
export interface Driver {
	readonly name: "node" | "xs" | "sim";
	/** A program of Node's and its first arguments. */
	readonly command: readonly string[];
	/** Seconds until a board that has nothing in its way is online. */
	readonly patience: number;
	/** Why there can be no boards here, if so. */
	readonly missing?: string;
}

const tools = fileURLToPath(new URL("../../tools/", import.meta.url));

export const node: Driver = {
	name: "node",
	command: [`${tools}dynreg.js`, "board", "--host", "node"],
	patience: 15,
};

export const xs: Driver = {
	name: "xs",
	command: [`${tools}dynreg.js`, "board", "--host", "xs"],
	patience: 15,
};

export const sim: Driver = {
	name: "sim",
	command: [`${tools}simulator.js`, "board"],
	patience: 60,
	...missingSdk(),
};

function missingSdk(): { missing?: string } {
	const sdk = process.env["MODDABLE"];
	if (!sdk || !existsSync(sdk)) return { missing: "there is no Moddable SDK here (MODDABLE)" };
	return existsSync(`${tools}simulator.js`) ? {} : { missing: "the simulator has not been built" };
}
