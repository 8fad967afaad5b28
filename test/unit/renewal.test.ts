/** Client certificates in the configuration and in flash: which of two is used, and which one is kept. */

import { createAuthority, issueCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { CertificateCredential } from "dynreg/contracts/credential";
import type { BoardEvent } from "dynreg/contracts/event";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { sentence } from "dynreg/messages/sentence";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import {
	closeSession,
	cloudWithProduct,
	device,
	product,
	productSecret,
	startTestBoard,
} from "./board-with-real-cloud.js";

const vaultOf = (flash: InMemoryFlash) => openVault(flash, crypto, `tencent/${product}/${device}`);
const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);
const failures = (events: readonly BoardEvent[]) =>
	events.flatMap((event) => (event.event === "failed" ? [event] : []));

/** A cloud with a product of a private authority, and pairs of that authority. */
async function privateAuthority(t: ExecutionContext) {
	const authority = await createAuthority({ name: "the customer's own" });
	const cloud = await cloudWithProduct(t);
	const settings = { secret: productSecret, auth: "private-ca", authority: authority.certificate } as const;
	cloud.administration.putProduct("tencent", product, settings);
	const pair = async (): Promise<
		RawConfiguration & { readonly clientCertificate: string; readonly clientKey: string }
	> => {
		const { chain, key } = await issueCertificate(authority, { names: [device], purpose: "client" });
		const clientCertificate = chain.slice(0, chain.indexOf("-----END") + 26);
		return { ...cloud.configuration, clientCertificate, clientKey: key };
	};
	return { ...cloud, pair };
}

const keyOf = ({ clientKey }: { readonly clientKey: string }) => crypto.base64(crypto.fromPem(clientKey));

test("invariant 10: another pair in the configuration is stored and used, and the one before is let go", async (t) => {
	const cloud = await privateAuthority(t);
	const [old, next] = [await cloud.pair(), await cloud.pair()];
	const flash = new InMemoryFlash(4000);
	await startTestBoard(old, { flash, application: closeSession }).ended;
	// As where a platform looks at the authority only.
	cloud.administration.resetDevice("tencent", product, device);
	await startTestBoard(next, { flash: new InMemoryFlash(4000), application: closeSession }).ended;
	cloud.administration.clearRequests();

	const board = startTestBoard(next, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(names(board.events), ["boot", "renewed", "stored", "connecting", "online"]);
	t.deepEqual(cloud.requests(), ["connect accepted"]);
	t.is(vaultOf(flash).load()?.credential.secret.reveal(), keyOf(next));
	t.like(vaultOf(flash).load(), { active: true, previous: undefined });

	const again = startTestBoard(next, { flash, application: closeSession });
	await again.ended;
	t.deepEqual(names(again.events), ["boot", "connecting", "online"]);
});

test("invariant 6: a refused new pair gives way to the old one, without a registration, until the next power-up", async (t) => {
	const cloud = await privateAuthority(t);
	const [old, next] = [await cloud.pair(), await cloud.pair()];
	const flash = new InMemoryFlash(4000);
	await startTestBoard(old, { flash, application: closeSession }).ended;
	cloud.administration.clearRequests();
	let sessions = 0;
	const board = startTestBoard(next, {
		flash,
		application(session) {
			if (++sessions === 2) session.close();
			else cloud.administration.disconnectDevice("tencent", product, device);
		},
	});
	await board.ended;
	t.deepEqual(cloud.requests(), ["connect refused", "connect accepted", "connect accepted"]);
	t.deepEqual(names(board.events), [
		...["boot", "renewed", "stored", "connecting", "failed", "connecting", "online"],
		...["offline", "connecting", "online"],
	]);
	t.like(failures(board.events)[0], { code: "credential-refused", action: "retry" });
	t.is(vaultOf(flash).load()?.credential.secret.reveal(), keyOf(old));
	t.like(vaultOf(flash).load(), { active: true, refusals: 0, previous: undefined });
});

test("invariant 6: where the broker refuses both, the board registers with the new pair", async (t) => {
	const cloud = await privateAuthority(t);
	const [old, next] = [await cloud.pair(), await cloud.pair()];
	const flash = new InMemoryFlash(4000);
	await startTestBoard(old, { flash, application: closeSession }).ended;
	cloud.administration.revokeDevice("tencent", product, device);
	cloud.administration.resetDevice("tencent", product, device);
	cloud.administration.clearRequests();
	const board = startTestBoard(next, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(cloud.requests(), ["connect refused", "connect refused", "register/v2 accepted", "connect accepted"]);
	t.is(vaultOf(flash).load()?.credential.secret.reveal(), keyOf(next));
});

/** What an earlier version has stored: a certificate with another one's key. */
function storedUnusable(flash: InMemoryFlash, certificate: string, key: string): void {
	const certificates = [crypto.fromPem(certificate)];
	const unusable: CertificateCredential = { kind: "certificate", certificates, secret: new Secret(key) };
	vaultOf(flash).commit(unusable);
}

test("invariant 10: a usable pair in the configuration replaces an unusable one in flash", async (t) => {
	const cloud = await privateAuthority(t);
	const [own, other] = [await cloud.pair(), await cloud.pair()];
	await startTestBoard(own, { flash: new InMemoryFlash(4000), application: closeSession }).ended;
	cloud.administration.clearRequests();
	const flash = new InMemoryFlash(4000);
	storedUnusable(flash, own.clientCertificate, keyOf(other));
	const board = startTestBoard(own, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(names(board.events), ["boot", "renewed", "stored", "connecting", "online"]);
	t.deepEqual(cloud.requests(), ["connect accepted"]);
	t.is(vaultOf(flash).load()?.credential.secret.reveal(), keyOf(own));
});

test("invariant 4: a board that holds an unusable certificate registers again", async (t) => {
	const cloud = await cloudWithProduct(t);
	cloud.administration.putProduct("tencent", product, { secret: productSecret, auth: "certificate" });
	const flash = new InMemoryFlash(4000);
	const { certificate } = await createAuthority();
	storedUnusable(flash, certificate, keyOf({ clientKey: (await createAuthority()).key }));
	const board = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted"]);
	const [failure] = failures(board.events);
	t.like(failure, { phase: "connect", code: "tls-failed", reason: "own-certificate", action: "retry" });
	t.true((failure?.retryIn as number) <= 10);
	t.is(
		failure && sentence(failure),
		"No connection can be opened with the client certificate and the private key in flash, so nothing was sent. The device registers again by itself. If the registration is refused, reset the device in the console.",
	);
	t.like(vaultOf(flash).load(), { active: true });
});
