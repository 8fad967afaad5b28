import { fileURLToPath } from "node:url";
import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";

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

const dynreg = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));

export const node: Driver = { name: "node", command: [dynreg, "board", "--host", "node"], patience: 15 };

export const xs: Driver = { name: "xs", command: [dynreg, "board", "--host", "xs"], patience: 15 };

export const sim: Driver = {
	name: "sim",
	command: [dynreg, "board", "--host", "sim"],
	patience: 60,
	...(findSdk() === undefined ? { missing: noSdk } : {}),
};
