import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Bench, liveBoard } from "@dynreg/conformance/internal/coordinator/bench";
import type { CaseFiles } from "@dynreg/conformance/internal/coordinator/images";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { startAttachedBoard } from "../boards/attached-board.js";
import { upload, writeImage } from "../sdk/image.js";
import { requireSdk } from "../sdk/moddable.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { stateFolder } from "../state/folders.js";
import { conformanceApplication, conformancePart } from "./image.js";

export interface AttachedBenchOptions {
	readonly platform: BoardPlatform;
	readonly port: string;
	readonly configuration: RawConfiguration;
	/** Files that become resources under their names. */
	readonly authorities: readonly string[];
	/** The cases of the image; default: all. */
	readonly files: CaseFiles | undefined;
	say(line: string): void;
}

/**
 * A board at the end of a cable, with the tests in its flash.
 *
 * @throws Error that says what to do when it cannot be written to
 */
export async function attachedBench(options: AttachedBenchOptions): Promise<Bench> {
	const { platform, port, configuration, authorities, files, say } = options;
	const sdk = requireSdk();
	const chip = chipOf(platform);
	const image = join(stateFolder(), "test", `conformance-${chip}`);
	const resources = authorities.map((file) => ({ name: basename(file), content: readFileSync(file) }));
	const application = files === undefined ? conformanceApplication() : conformancePart(files);
	writeImage(image, { application, configuration, resources });
	const { password } = configuration;
	const secrets = typeof password === "string" ? [password] : [];
	await upload(sdk, { folder: image, platform, port, debug: true, secrets, say });
	return {
		platform: chip,
		isSmall: chip === "esp8266",
		// Wi-Fi is joined meanwhile.
		bootPatience: 90_000,
		async switchOn({ onLine, onMeters }) {
			const board = await startAttachedBoard({
				sdk,
				chip,
				port,
				onEvent: (event) => onLine(JSON.stringify(event)),
				onTrace: onLine,
				onMeters,
			});
			return liveBoard(board);
		},
		async close() {},
	};
}
