import type { DriverFactory } from '../driver.ts';

/** A sign-in form and the page behind it, as the configuration describes them. */
export const form: DriverFactory = (bmc) => {
  const { form: steps } = bmc.request;
  if (!steps) throw bmc.fault('kvm_page_changed', 'no form is configured');
  let signedIn = false;
  return {
    async login() {
      await bmc.goto(steps.loginPath);
      await bmc.fillUsername(steps.username);
      await bmc.fillPassword(steps.password);
      await bmc.click(steps.submit);
      const outcome = await bmc.loginOutcome({
        signedIn: steps.signedIn,
        ...(steps.refused !== undefined && { refused: steps.refused }),
      });
      if (outcome === 'refused') throw bmc.refused();
      signedIn = true;
    },
    async openConsole() {
      if (steps.consolePath !== undefined) await bmc.goto(steps.consolePath);
    },
    async shown() {
      await bmc.consoleShows(steps.shown);
    },
    async logout() {
      const wasSignedIn = signedIn;
      signedIn = false;
      if (wasSignedIn && steps.logoutPath !== undefined) await bmc.goto(steps.logoutPath);
    },
  };
};
