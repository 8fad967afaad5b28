import { X509Certificate } from "node:crypto";
import { connect, createServer } from "node:tls";
import {
	createAuthority,
	createKeyPair,
	issueCertificate,
	type ServerCertificate,
} from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";

const authority = await createAuthority();
const keys = await createKeyPair();
const year = 365 * 24 * 60 * 60 * 1000;

/** The error code of a TLS client that trusts `ca`, or undefined if it is content. */
async function handshake(
	{ chain, key }: ServerCertificate,
	ca: string,
	servername: string,
): Promise<string | undefined> {
	const server = createServer({ cert: chain, key }, (socket) => socket.on("error", () => {}));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
		const client = connect({ port, host: "127.0.0.1", servername, ca }, () => {
			client.end();
			resolve(undefined);
		});
		client.once("error", resolve);
	});
	server.close();
	return error?.code;
}

test("clients with the CA accept an issued certificate", async (t) => {
	const certificate = await issueCertificate(authority, { names: ["localhost", "127.0.0.1"], keys });
	t.is(await handshake(certificate, authority.certificate, "localhost"), undefined);
});

test("a wildcard stands for one label", async (t) => {
	const certificate = await issueCertificate(authority, { names: ["*.example.org"], keys });
	const leaf = new X509Certificate(certificate.chain);
	t.truthy(leaf.checkHost("a.example.org"));
	t.falsy(leaf.checkHost("a.b.example.org"));
});

test("an address is an address in the certificate, not a name", async (t) => {
	const certificate = await issueCertificate(authority, { names: ["localhost", "127.0.0.1"], keys });
	t.is(new X509Certificate(certificate.chain).checkIP("127.0.0.1"), "127.0.0.1");
});

test("expired, misnamed and foreign certificates are refused with their reasons", async (t) => {
	const past = { notBefore: new Date(Date.now() - 2 * year), notAfter: new Date(Date.now() - year) };
	const expired = await issueCertificate(authority, { names: ["localhost"], keys, ...past });
	t.is(await handshake(expired, authority.certificate, "localhost"), "CERT_HAS_EXPIRED");

	const misnamed = await issueCertificate(authority, { names: ["elsewhere.example.org"], keys });
	t.is(await handshake(misnamed, authority.certificate, "localhost"), "ERR_TLS_CERT_ALTNAME_INVALID");

	const foreign = await issueCertificate(await createAuthority(), { names: ["localhost"], keys });
	t.regex((await handshake(foreign, authority.certificate, "localhost")) ?? "", /SIGNATURE|SELF_SIGNED|ISSUER/);
});

test("a chain is leaf and root with matching key identifiers", async (t) => {
	const { chain } = await issueCertificate(authority, { names: ["localhost"], keys });
	const [leaf, root, ...more] = chain.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
	t.is(more.length, 0);
	const rootCertificate = new X509Certificate(root ?? "");
	t.true(rootCertificate.ca);
	t.true(new X509Certificate(leaf ?? "").checkIssued(rootCertificate));
	t.is(new X509Certificate(authority.certificate).fingerprint256, rootCertificate.fingerprint256);
});

test("dates from 2050 on are written so that they are read back", async (t) => {
	const notAfter = new Date("2051-02-03T04:05:06Z");
	const { chain } = await issueCertificate(authority, { names: ["localhost"], keys, notAfter });
	t.is(Date.parse(new X509Certificate(chain).validTo), notAfter.getTime());
});

test("no two certificates have the same serial number", async (t) => {
	const serial = async () =>
		new X509Certificate((await issueCertificate(authority, { names: ["a"], keys })).chain).serialNumber;
	t.not(await serial(), await serial());
});
