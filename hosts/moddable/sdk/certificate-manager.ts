import { type EcPublicKey, publicKeyOf } from "dynreg/tls/keys";
import { sdkRoots } from "dynreg/tls/sdk-roots";
import { isGenuine, signatureOf } from "dynreg/tls/signature";
import { type TrustAnchors, verifyChain } from "dynreg/x509/verify-chain";
import type { RsaPrivateKey, RsaPublicKey } from "rsa";
import type { Certificate } from "../../../modules/x509/certificate.js";

/**
 * Replaces the certificate manager of the SDK's TLS (modules/crypt/ssl/ssl_cert.js), which accepts invalid chains: it skips
 * a first certificate that is expired or not signed by the second one, and checks only the last of the chain against the
 * trust anchors. Any certificate followed by a genuine root passes.
 *
 * The firmware's connections have a `Handshake` in this place. Connections that an application makes with the SDK's
 * `securesocket` have their chain verified here, without a client certificate. What else `Handshake` guards against stays open
 * there: the SDK accepts a key exchange without a signature (docs/guides/security.md).
 */
export default class CertificateManager implements TrustAnchors {
	private readonly certificate: Certificate | undefined;
	private key: RsaPublicKey | EcPublicKey | undefined;

	/** @param certificate a trust anchor besides the SDK's, DER */
	constructor({ certificate }: { readonly certificate?: ArrayBuffer }) {
		this.certificate = certificate && new Uint8Array(certificate);
	}

	verify(chain: Certificate[], { tls_server_name: host }: { readonly tls_server_name: string }): boolean {
		if (verifyChain(chain, host, Date.now(), this)) return false;
		this.key = publicKeyOf(chain[0] as Certificate);
		return true;
	}

	authorities(issued: Certificate): readonly Certificate[] {
		const { certificate } = this;
		return certificate ? [certificate, ...sdkRoots(issued)] : sdkRoots(issued);
	}

	isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
		return isGenuine(signatureOf(certificate, issuer));
	}

	register(): void {}

	getKey(): RsaPublicKey | RsaPrivateKey | EcPublicKey | undefined {
		return this.key;
	}

	findPreferredCert(): readonly Certificate[] {
		return [];
	}
}
