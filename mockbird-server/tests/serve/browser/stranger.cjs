// What a mock's page can do to somebody who is logged in. Called with the address of the server and of the page; tells what
// it found as one line of JSON.
const { chromium } = require(`${process.env.MOCKBIRD_TEST_BROWSER}/node_modules/playwright-core`);

const [, , server, email, password] = process.argv;

// Started as root, as in a container, Chromium has no sandbox of its own; and it is to ask nobody else.
const options = {
  executablePath: process.env.MOCKBIRD_TEST_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
};

// In a page of our own: by the cookies of the browser, as the dashboard would.
const whoAmI = () => fetch('/api/auth/me').then((reply) => reply.status);

// In the mock's page.
async function attack(server) {
  const tried = {};
  const attempt = async (name, act) => {
    try { tried[name] = await act(); } catch (error) { tried[name] = error.name; }
  };
  const ask = (target, init) => fetch(server + target, init).then((reply) => reply.status);
  const json = { 'content-type': 'application/json' };
  await attempt('origin', () => self.origin);
  await attempt('readCookies', () => document.cookie);
  await attempt('writeCookie', () => { document.cookie = 'mockbird-access=stolen; path=/'; return 'written'; });
  await attempt('storage', () => { localStorage.setItem('a', 'b'); return 'written'; });
  await attempt('me', () => ask('/api/auth/me', { credentials: 'include' }));
  await attempt('makeOrganization', () => ask('/api/orgs', { method: 'POST', credentials: 'include', headers: json, body: '{"name":"Evil"}' }));
  await attempt('logout', () => ask('/api/auth/logout', { method: 'POST', mode: 'no-cors', credentials: 'include' }));
  await attempt('worker', () => navigator.serviceWorker.register('/m/evil/worker.js', { scope: '/' }).then(() => 'registered'));
  await attempt('frame', () => new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = () => { try { done(frame.contentDocument ? 'read' : 'null'); } catch (error) { done(error.name); } };
    frame.src = `${server}/docs/errors`;
    document.body.append(frame);
  }));
  return tried;
}

async function main() {
  const browser = await chromium.launch(options);
  const context = await browser.newContext();
  const page = await context.newPage();
  const told = {};
  await page.goto(`${server}/docs/errors`);
  const login = { email, password };
  told.login = await page.evaluate((body) => fetch('/api/auth/login', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  }).then((reply) => reply.status), login);
  const cookies = async () => (await context.cookies()).map(({ name, value }) => `${name}=${value}`).sort().join('; ');
  const before = await cookies();
  told.names = (await context.cookies()).map(({ name, httpOnly }) => `${name}${httpOnly ? '' : ' for scripts'}`).sort();
  told.before = await page.evaluate(whoAmI);

  for (const target of ['page', 'picture', 'document']) {
    await page.goto(`${server}/m/evil/${target}`);
    // The page's own script has run: what it wrote is there, whatever it could do.
    told[target] = { ran: await page.evaluate(() => document.documentElement.getAttribute('data-ran')), tried: await page.evaluate(attack, server) };
  }

  // A form that the mock's page sends by itself, to where it is taken by name.
  await page.goto(`${server}/m/evil/form`);
  await page.waitForURL('**/api/auth/logout');
  told.form = await page.evaluate(() => document.body.innerText.includes('FORBIDDEN'));

  // What a mock is told when its address is opened.
  await page.goto(`${server}/m/evil/echo`);
  told.echo = await page.evaluate(() => document.body.innerText);

  // A page of our own afterwards.
  await page.goto(`${server}/docs/errors`);
  told.cookiesKept = before === await cookies();
  told.storage = await page.evaluate(() => localStorage.getItem('a'));
  told.workers = await page.evaluate(() => navigator.serviceWorker.getRegistrations().then((all) => all.length));
  told.after = await page.evaluate(whoAmI);
  told.organizations = await page.evaluate(() => fetch('/api/orgs').then((reply) => reply.json()).then(({ total }) => total));
  await browser.close();
  console.log(JSON.stringify(told));
}

main().catch((error) => { console.error(error); process.exit(1); });
