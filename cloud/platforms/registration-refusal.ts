/** Why a registration was refused. Each platform has its own codes and texts for it. */
export type RefusalKind =
	| "bad-request"
	| "bad-device-name"
	| "unknown-product"
	| "bad-signature"
	| "bad-timestamp"
	| "bad-certificate"
	| "registration-off"
	| "not-created"
	| "limit-reached"
	| "already-active";

/** What should have been signed, and how. Holds no secret. */
export interface ExpectedSignature {
	readonly algorithm: string;
	/** How the digest becomes text, where the platform has several ways. */
	readonly encoding?: string;
	readonly stringToSign: string;
}

/** A refused registration. `message` goes to the journal, not to the device: what is wrong and what to do. */
export class RegistrationRefusal extends Error {
	readonly kind: RefusalKind;
	readonly expected: ExpectedSignature | undefined;

	constructor(kind: RefusalKind, message: string, expected?: ExpectedSignature) {
		super(message);
		this.kind = kind;
		this.expected = expected;
	}
}
