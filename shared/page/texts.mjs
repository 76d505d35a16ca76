/** What the page says: each text in Chinese and in English. */

export const LANGUAGES = ["zh-Hans", "en"];

// The texts stand in the order of LANGUAGES.
export const TEXTS = {
  // Shell.
  name: ["碳账户", "Carbon Account"],
  home: ["首页", "Home"],
  entries: ["明细", "Statement"],
  consents: ["授权", "Consents"],
  other_language: ["English", "中文"],
  sign_out: ["退出", "Sign out"],
  sign_in_title: ["请先登录", "Please sign in"],
  sign_in: ["登录", "Sign in"],
  sign_in_by_app: ["请从您的银行 App 打开本页，App 会替您登录。", "Open this page from your bank's app: the app signs you in."],
  loading: ["正在加载……", "Loading …"],
  unreachable: ["连接不上服务。请检查网络后重试。", "The service cannot be reached. Check your connection and try again."],
  failed: ["这次没有成功。", "That did not work."],
  retry: ["重试", "Try again"],
  no_account: ["您还没有碳账户。", "You have no carbon account yet."],
  open_account: ["开通碳账户", "Open an account"],

  // More.
  more_tab: ["更多", "More"],
  consents_about: ["谁可以报告您的行为", "Who may report what you do"],

  account_about: ["账户资料、余额与注销", "What it is, what it holds, and closing it"],
  status_about: ["账目已更新和封存到什么时候", "Up to when the books are kept and sealed"],

  // Without signing in.
  without_sign_in: ["无需登录即可查看", "Open to everybody"],

  // Amounts and words that many views use.
  range: ["可能的范围", "Likely range"],
  to: ["至", "to"],
  more: ["加载更多", "Show more"],
  points: ["积分", "Points"],
  label: ["依据", "Rests on"],
  published: ["公开发表的数值", "published values"],
  derived: ["由公开数值推导", "values derived from published ones"],
  illustrative: ["仅作示意的数值", "illustrative values"],
  as_table: ["以表格查看", "As a table"],
  period: ["日期", "Date"],
  amount: ["减排量", "Reduction"],
  scenario: ["场景", "Scenario"],
  nothing_in_time: ["这段时间没有记录。", "There are no entries in this time."],

  // Home.
  today: ["今天的减排量", "Reduction today"],
  total: ["累计减排量", "Reduction in all"],
  days: ["最近 30 天", "Last 30 days"],
  months: ["最近 12 个月", "Last 12 months"],
  chart_of: ["减排量图表", "Chart of reductions"],

  // Statement.
  all_scenarios: ["全部场景", "All scenarios"],
  none: ["还没有记录。授权一个场景后，您的低碳行为会出现在这里。", "Nothing yet. Once you consent to a scenario, what you do appears here."],
  standing: ["现在的减排量", "Reduction as it stands"],

  // One entry.
  entry: ["一笔记录", "One entry"],
  occurred: ["发生时间", "Happened"],
  booked: ["入账时间", "Booked"],
  partner: ["数据来自", "Reported by"],
  methodology: ["方法学", "Methodology"],
  evidence: ["证据等级（1 最强，5 最弱）", "Evidence grade (1 strongest, 5 weakest)"],
  provisional: ["暂定，等待补充数据", "Provisional: data are still to come"],
  receipt: ["凭证：在您的设备上重新计算", "Receipt, recomputed on your device"],
  same: ["与账上一致，毫克不差。", "The same to the milligram."],
  same_note: ["签名、输入、每一步、范围和哈希都在本机重新计算并核对。", "Signature, inputs, every step, range and hashes were recomputed and compared here."],
  differs: ["与账上不一致。", "Not the same."],
  inputs: ["输入", "Inputs"],
  steps: ["步骤", "Steps"],
  written: ["凭证", "Receipt"],
  here: ["本机", "Here"],
  step_differs: ["这一步不同", "This step differs"],
  tamper: ["看看被改动的凭证会怎样", "See what a changed receipt looks like"],
  untamper: ["恢复原凭证", "Back to the real receipt"],
  tamper_note: ["下面的凭证在本机被故意改动了一个数字；您的账户没有任何变化。", "One number of this receipt was changed on purpose, here only; your account is as it was."],
  back: ["返回明细", "Back to the statement"],

  // Consents.
  consent_intro: ["打开的开关表示允许该合作方报告您的行为。可随时一步撤回。", "A switch that is on lets that partner report what you do. Withdraw at any time in one step."],
  allow: ["允许", "Allow"],
  through_partner: ["请在合作方的 App 中授权。", "Give this consent in the partner's app."],
  retention: ["保留期限", "Kept for"],
  data: ["数据项", "Data"],

  // The account.
  account: ["我的账户", "My account"],
  account_is: ["账户资料", "The account"],
  account_state: ["状态", "State"],
  account_open: ["使用中", "Open"],
  account_opened: ["开通时间", "Opened"],
  account_entries: ["记录笔数", "Entries"],
  account_lines: ["账上行数（含支出等变动）", "Lines in the ledger, spending included"],
  account_consents: ["有效授权", "Consents in force"],
  account_id: ["账户编号", "Account number"],
  account_spendable: ["可以使用的", "What you can spend"],
  account_reductions: ["减排量（CO₂e）", "Reductions (CO₂e)"],
  account_on_hold: ["其中冻结的减排量", "Reductions on hold"],
  account_debt: ["欠下的减排量", "Reductions owed"],
  account_points_on_hold: ["冻结的积分", "Points on hold"],
  account_points_debt: ["欠下的积分", "Points owed"],
  account_spend_by: ["其中可用至", "Of these, spend by"],
  account_as_of: ["截至", "As of"],
  points_unit: ["积分", "points"],
  close_account: ["注销账户", "Close the account"],
  close_asked: ["注销这个账户？", "Close this account?"],
  close_loses: ["您会失去", "What you lose"],
  close_now: ["现有余额：", "Your balance now:"],
  close_loses_balance: ["没有使用的减排量和积分，不能再使用、赠送或转到新账户。", "Reductions and points that you have not used: they can no longer be used, given or moved to a new account."],
  close_loses_view: ["您在这里查看明细、凭证、兑换和足迹答案的途径。进行中的兑换会继续办完或退回，但您看不到结果。", "Your way to the statement, receipts, redemptions and footprint answers. A redemption under way is carried through or undone, but you will not see which."],
  close_loses_consents: ["全部授权：所有合作方从此不再能报告您的行为。", "Every consent: no partner can report what you do any more."],
  close_loses_shared: ["分享卡片的链接立即失效；尚未成交的资源池捐出不再得到积分。", "Links of share cards end at once; contributions to a pool that is not sold yet earn no points any more."],
  close_loses_household: ["您的家庭身份：家庭没有您也会继续。", "Your place in a household, which goes on without you."],
  close_keeps: ["会留下", "What stays"],
  close_keeps_ledger: ["已入账的记录、授权记录和足迹答案，以账户编号保存，不含您的姓名；每日封账依赖它们。", "What was booked, the records of your consents and your footprint answers: kept under the account's number, without your name. The daily seals rest on what was booked."],
  close_keeps_certificates: ["已签发的注销减排量证书，任何持有链接的人仍可查看和核验。", "Certificates of reductions that you retired: whoever has their link can still see and check them."],
  close_keeps_given: ["您已赠送、捐出或在家庭中分出的减排量，归收到的一方。", "Reductions that you gave, contributed or shared in a household stay with whoever received them."],
  close_keeps_new: ["您可以再开一个新账户，从零开始；这个账户不能恢复。", "You may open a new account, which begins at zero. This one cannot be opened again."],
  close_for_good: ["确认注销", "Close it for good"],
  close_not: ["不注销，返回", "Keep the account"],
  closed_title: ["账户已注销", "The account is closed"],
  closed_note: ["全部授权已撤回，余额不能再使用。您可以退出，或开通一个从零开始的新账户。", "Every consent is withdrawn, and the balance can no longer be used. You may sign out, or open a new account that begins at zero."],
  open_another: ["开通新账户", "Open a new account"],

  // Status.
  status: ["服务状态", "State of the service"],
  status_sealing: ["每日封账", "Daily sealing"],
  status_sealing_note: ["每天的账在次日凌晨汇总并封存，之后任何改动都能被发现。日期按 UTC+8。", "After midnight (UTC+8) the day before is summed up and sealed; a later change would be noticed."],
  status_all_sealed: ["应封存的日子都已封存。", "Every day that is due is sealed."],
  status_none_due: ["还没有到期应封存的日子。", "No day is due for sealing yet."],
  status_behind: ["封账落后的天数", "Days not sealed in time"],
  status_since: ["已逾期", "overdue for"],
  status_last_sealed: ["最近封存的一天", "Last sealed day"],
  status_sealed_at: ["封存时间", "Sealed at"],
  status_due_day: ["应封存到", "Due to be sealed through"],
  status_nothing_sealed: ["还没有封存过", "Nothing is sealed yet"],
  status_nothing_due: ["还没有到期的", "None is due yet"],
  status_booking: ["入账", "Booking"],
  status_booked_through: ["最新计入统计的入账时间：", "Newest booking that the totals have counted:"],
  status_nothing_booked: ["昨天和今天的统计里还没有入账。", "The totals of today and yesterday have counted no booking yet."],
  status_booking_note: ["更早的入账也可能还在路上。", "An earlier booking may still be on its way."],
  status_catalogue: ["方法学目录", "Catalogue of methodologies"],
  status_versions: ["个已发布的版本", "released versions"],
  status_digest: ["目录的哈希", "Digest of the catalogue"],
  status_now: ["服务的时间：", "By the service's clock:"],
  status_again: ["重新查看", "Look again"],
};

/** The text of a key in a language; undefined for no key. */
export function textOf(language, key) {
  return TEXTS[key]?.[LANGUAGES.indexOf(language)];
}
