import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/VisuallyHidden.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/Checkbox.css";
import "@mantine/core/styles/Radio.css";
import "@mantine/core/styles/Skeleton.css";
import "./ui/base.css";
import { App } from "./App";
import { i18nStart } from "./i18n/i18n";
import { variantsSet } from "./ui/format";

/* The nonce of this page: without it the content security policy refuses style elements. */
const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";

setNonce(nonce);
variantsSet(navigator.languages);
i18nStart();
const root = document.getElementById("root");
if (root) {
    createRoot(root).render(<App nonce={nonce} />);
}
