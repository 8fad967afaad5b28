import { networkInterfaces } from "node:os";
import { type CaseFiles, esp8266Images } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import type { Target } from "@dynreg/conformance/internal/coordinator/target";
import { thisMachine } from "@dynreg/conformance/internal/peers/servers";
import { buildWithProgress } from "../boards/build-with-progress.js";
import { findSerialPort } from "../boards/serial-port.js";
import { UsageError } from "../command-line/usage-error.js";
import type { TestOptions } from "../commands/test.js";
import { readWifi, type Wifi } from "../configuration/wifi.js";
import { requireSdk } from "../sdk/moddable-sdk.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { explainMissingToolchain } from "../sdk/toolchain.js";
import { conformanceApplication } from "./conformance-application.js";
import { simulatedTarget } from "./simulated-target.js";

export type RunOptions = Omit<TestOptions, "platform"> & { readonly platform: "sim" | BoardPlatform };

/** Where the cases run. */
export interface TargetSetup {
	/** For the report. */
	readonly name: string;
	/** This computer's address and name, for servers that the board connects to. */
	readonly testServer: { readonly address: string; readonly name: string };
	readonly wifi: Wifi | undefined;
	/** The name of a certificate's file on the board. */
	resourceOf(file: string): string;
	/** The images, if one has no room for all cases. */
	readonly images?: readonly CaseFiles[];
	/**
	 * Builds the cases, and writes them to the board.
	 *
	 * @param files the cases of the image; default: all
	 * @param authorities files of certificates for the image
	 */
	prepare(
		configuration: Readonly<Record<string, unknown>>,
		authorities: readonly string[],
		say: (line: string) => void,
		files?: CaseFiles,
	): Promise<Target>;
}

/**
 * Checks a target's requirements, and prompts for missing values.
 *
 * @throws UsageError or Error with the missing requirement
 */
export async function findTargetSetup(options: RunOptions): Promise<TargetSetup> {
	const { platform, address } = options;
	const sdk = requireSdk();
	if (platform === "sim") return simulator(options);
	// Report missing requirements before any prompt or start.
	const missing = explainMissingToolchain(chipOf(platform), sdk.environment);
	if (missing !== undefined) throw new Error(missing);
	const port = options.port ?? findSerialPort();
	const own = address ?? lanAddress();
	const wifi = await readWifi(options.ssid, options["wifi-password-file"]);
	return {
		name: platform,
		testServer: { address: own, name: own },
		wifi,
		resourceOf,
		...(chipOf(platform) === "esp8266" ? { images: esp8266Images } : {}),
		async prepare(configuration, authorities, print, files) {
			const { attachedTarget } = await import("./attached-target.js");
			return attachedTarget({ platform, port, configuration, authorities, files, print });
		},
	};
}

function simulator({ address, small }: RunOptions): TargetSetup {
	return {
		name: small ? "the simulator, with the memory of an ESP8266" : "the simulator",
		testServer: address === undefined ? thisMachine : { address, name: address },
		wifi: undefined,
		resourceOf: (file) => file,
		async prepare(configuration) {
			const image = await buildWithProgress("the tests", { folder: conformanceApplication(small) });
			return simulatedTarget(image, configuration, small);
		},
	};
}

/** The first IPv4 address that other machines may reach. @throws UsageError when there is none */
function lanAddress(): string {
	const found = Object.values(networkInterfaces())
		.flat()
		.find((each) => each?.family === "IPv4" && !each.internal);
	if (found === undefined)
		throw new UsageError(
			"This computer has no address that a board can reach. Connect the computer to the board's network, or set --address.",
		);
	return found.address;
}

/** Of an authority's file in an image. */
function resourceOf(file: string): string {
	return file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
}
