import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSignedBy } from "@dynreg/node/internal/certificate-chain";
import { verifyChain } from "dynreg/x509/verify-chain";
import { now } from "./certificate-builder.js";
import { type Chain, host } from "./corpus.js";

/** @returns the board's error code; "ok" if the server is trusted */
export function board({ sent, trusted }: Chain): string {
	return verifyChain(sent, host, now * 1000, { authorities: () => trusted, isSignedBy }) ?? "ok";
}

/** OpenSSL's command line, judging in a folder of its own. */
export class OpenSsl implements Disposable {
	readonly #folder = mkdtempSync(join(tmpdir(), "dynreg-chains-"));

	/** @returns what `openssl version` prints; undefined if it is not installed */
	static version(): string | undefined {
		const { stdout, status } = spawnSync("openssl", ["version"], { encoding: "utf8" });
		return status === 0 ? stdout.trim() : undefined;
	}

	/** @returns whether `openssl verify` accepts the chain */
	accepts({ sent: [own, ...others], trusted }: Chain): boolean {
		const options = ["-purpose", "sslserver", "-partial_chain", "-no-CApath", "-no-CAstore", "-attime", String(now)];
		const files = ["-CAfile", this.#file("trusted", trusted)];
		if (others.length > 0) files.push("-untrusted", this.#file("others", others));
		const { status } = spawnSync("openssl", ["verify", ...options, ...files, this.#file("own", own ? [own] : [])]);
		return status === 0;
	}

	#file(name: string, certificates: readonly Buffer[]): string {
		const file = join(this.#folder, `${name}.pem`);
		writeFileSync(file, certificates.map(pem).join(""));
		return file;
	}

	[Symbol.dispose](): void {
		rmSync(this.#folder, { recursive: true });
	}
}

function pem(certificate: Buffer): string {
	const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
	return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
