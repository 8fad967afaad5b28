import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test from "ava";
import { smoke } from "./smoke.js";

if (findSdk() === undefined) test.skip(`sim: skipped, ${missingSdkMessage}`, () => {});
else smoke({ name: "sim", patience: 20, options: ["--host", "sim"] });
