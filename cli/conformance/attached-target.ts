import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { CaseFiles } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import { poweredBoard, type Target } from "@dynreg/conformance/internal/coordinator/target";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { startAttachedBoard } from "../boards/attached-board.js";
import { uploadImage } from "../sdk/application-image.js";
import { requireSdk } from "../sdk/moddable-sdk.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { stateFolder } from "../state/folders.js";
import { conformanceApplication, partOfConformance } from "./conformance-application.js";

export interface AttachedTargetOptions {
	readonly platform: BoardPlatform;
	readonly port: string;
	readonly configuration: RawConfiguration;
	/** Files that become resources under their names. */
	readonly authorities: readonly string[];
	/** The cases of the image; default: all. */
	readonly files: CaseFiles | undefined;
	print(line: string): void;
}

/**
 * A board at the end of a cable, with the tests in its flash.
 *
 * @throws Error that says what to do when it cannot be written to
 */
export async function attachedTarget(options: AttachedTargetOptions): Promise<Target> {
	const { platform, port, configuration, authorities, files, print } = options;
	const sdk = requireSdk();
	const chip = chipOf(platform);
	const folder = join(stateFolder(), "test", `conformance-${chip}`);
	const resources = authorities.map((file) => ({ name: basename(file), content: readFileSync(file) }));
	const application = files === undefined ? conformanceApplication() : partOfConformance(files);
	const image = { application, configuration, resources };
	const { password } = configuration;
	const secrets = typeof password === "string" ? [password] : [];
	await uploadImage(sdk, { folder, image, platform, port, debug: true, secrets, print });
	return {
		platform: chip,
		isSmall: chip === "esp8266",
		// Wi-Fi is joined meanwhile.
		bootTimeout: 90_000,
		async switchOn({ onLine, onMeters }) {
			const board = await startAttachedBoard({
				sdk,
				chip,
				port,
				onEvent: (event) => onLine(JSON.stringify(event)),
				onTrace: onLine,
				onMeters,
			});
			return poweredBoard(board);
		},
		async close() {},
	};
}
