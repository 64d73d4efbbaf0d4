import type { DriverFactory } from '../driver.ts';

/** A sign-in form and the page behind it, as the configuration describes them. */
export const form: DriverFactory = (bmc) => {
  const { form: steps } = bmc.request;
  if (!steps) throw bmc.fault('kvm_page_changed', 'no form is configured');
  let submitted = false;
  return {
    async login() {
      await bmc.goto(steps.loginPath);
      await bmc.fillUsername(steps.username);
      await bmc.fillPassword(steps.password);
      submitted = true;
      const outcome = await bmc.signIn(steps.submit, {
        signedIn: steps.signedIn,
        ...(steps.refused !== undefined && { refused: steps.refused }),
      });
      if (outcome !== 'refused') return bmc.keepCookies();
      submitted = false;
      throw bmc.refused();
    },
    async openConsole() {
      if (steps.consolePath !== undefined) await bmc.goto(steps.consolePath);
    },
    async shown() {
      await bmc.consoleShows(steps.shown);
    },
    async logout() {
      const mayBeSignedIn = submitted;
      submitted = false;
      if (mayBeSignedIn && steps.logoutPath !== undefined) await bmc.visit(steps.logoutPath);
    },
  };
};
