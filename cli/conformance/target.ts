import { networkInterfaces } from "node:os";
import type { Bench } from "@dynreg/conformance/internal/coordinator/bench";
import { type CaseFiles, esp8266Images } from "@dynreg/conformance/internal/coordinator/images";
import { thisMachine } from "@dynreg/conformance/internal/peers/servers";
import { buildShown } from "../boards/build-shown.js";
import { findSerialPort } from "../boards/serial-port.js";
import { UsageError } from "../command-line/usage-error.js";
import type { TestOptions } from "../commands/test.js";
import { readWifi, type Wifi } from "../configuration/wifi.js";
import { requireSdk } from "../sdk/moddable.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { missingToolchain } from "../sdk/toolchain.js";
import { conformanceApplication } from "./image.js";
import { simulatedBench } from "./simulated-bench.js";

export type TargetOptions = Omit<TestOptions, "platform"> & { readonly platform: "sim" | BoardPlatform };

/** Where the cases run. */
export interface Target {
	/** For the report. */
	readonly name: string;
	/** This computer's address and name, for servers that the board connects to. */
	readonly place: { readonly address: string; readonly name: string };
	readonly wifi: Wifi | undefined;
	/** What a certificate's file is called on the board. */
	resourceOf(file: string): string;
	/** What the cases are spread over where one image has no room for all. */
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
	): Promise<Bench>;
}

/**
 * Checks what a target needs, and asks for what it lacks.
 *
 * @throws UsageError or Error that says what is missing
 */
export async function findTarget(options: TargetOptions): Promise<Target> {
	const { platform, address } = options;
	const sdk = requireSdk();
	if (platform === "sim") return simulator(options);
	// What is missing is said before anything is asked or started.
	const missing = missingToolchain(chipOf(platform), sdk.environment);
	if (missing !== undefined) throw new Error(missing);
	const port = options.port ?? findSerialPort();
	const own = address ?? lanAddress();
	const wifi = await readWifi(options.ssid, options["wifi-password-file"]);
	return {
		name: platform,
		place: { address: own, name: own },
		wifi,
		resourceOf,
		...(chipOf(platform) === "esp8266" ? { images: esp8266Images } : {}),
		async prepare(configuration, authorities, say, files) {
			const { attachedBench } = await import("./attached-bench.js");
			return attachedBench({ platform, port, configuration, authorities, files, say });
		},
	};
}

function simulator({ address, small }: TargetOptions): Target {
	return {
		name: small ? "the simulator, a machine of the size of an ESP8266's" : "the simulator",
		place: address === undefined ? thisMachine : { address, name: address },
		wifi: undefined,
		resourceOf: (file) => file,
		async prepare(configuration) {
			const image = await buildShown("the tests", { folder: conformanceApplication(small) });
			return simulatedBench(image, configuration, small);
		},
	};
}

/** The first IPv4 address that other machines may reach. @throws UsageError when there is none */
function lanAddress(): string {
	const found = Object.values(networkInterfaces())
		.flat()
		.find((each) => each?.family === "IPv4" && !each.internal);
	if (found === undefined)
		throw new UsageError("this computer has no address in a network that a board could reach: give --address");
	return found.address;
}

/** Of an authority's file in an image. */
function resourceOf(file: string): string {
	return file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
}
