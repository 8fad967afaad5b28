import { createHost } from "@dynreg/node/internal/host";

/** The real thing, on Node. */
export const { crypto } = createHost({ log: () => {} });
