"""English text, code, logs and tables without personal data. Written for this."""

LAW = (
    "Section {n}. The lender shall disclose the annual percentage rate before the loan closes.",
    "A person who violates subsection ({n}) is liable for a penalty of not more than ${amount}.",
    "This Act takes effect on January {day}, {year}, and applies to contracts made after that.",
    "The term 'creditor' means any person who regularly extends credit.",
    "No agency shall disclose any record without prior written consent, except as provided.",
    "Records must be retained for at least {n} years after the account is closed.",
    "The court held that the notice was insufficient under paragraph {n} of the statute.",
    "Nothing in this part limits the authority of {us_org} to issue rules.",
)
LAW_TEST = (
    "Notwithstanding Section {n3}, interest may not exceed {pct} per year.",
    "The borrower may prepay the loan at any time without penalty.",
    "Each licensee shall file an annual report by March {day} of the following year.",
    "As used in this chapter, 'consumer' does not include a corporation.",
    "An appeal must be filed within {n} days after the decision is served.",
    "The provisions of 12 CFR part {n4} apply to all covered institutions.",
    "If any clause is held invalid, the remainder shall not be affected.",
)
NEWS = (
    "Output in {us_sector} rose {pct} in the second quarter, the agency said.",
    "Shares of the company fell {pct} after it cut its forecast for {year}.",
    "The central bank left its policy rate unchanged at {rate}%.",
    "Officials in {us_city} approved a ${n3} million budget for road repairs.",
    "Demand for {us_sector} loans has slowed since last spring.",
    "More than {n4} homes lost power during the storm on Tuesday.",
    "Analysts expect growth in {us_sector} to recover next year.",
)
NEWS_TEST = (
    "The unemployment rate edged down to {rate}% in {year}.",
    "{us_city} will host the trade fair, with {n3} exhibitors expected.",
    "Prices for {us_sector} goods were little changed from a month earlier.",
    "The museum reopened after {n} months of renovation.",
    "Bond yields climbed as investors weighed the new inflation data.",
    "Heavy rain is expected across the region through Thursday.",
    "A report by {us_org} found delays in {n} of {n3} projects.",
)
CODE = (
    "def {word}_at(self, {word}: int) -> int: return self._{word}[{n}] * {n3}",
    "for i in range({n4}): total += rows[i].{word}",
    "SELECT id, {word} FROM {table} WHERE {word} > {n4} ORDER BY created_at LIMIT {n};",
    "UPDATE {table} SET {word} = {plain}, updated_at = '{date} {time}' WHERE id = {n6};",
    "import numpy as np  # version {version}",
    "commit {hex}",
    '{{"{word}": {n6}, "ts": {epoch}, "ok": true}}',
    "{date} {time},{n3} INFO worker-{n} {word} size={n4} took {plain} ms",
    "CREATE INDEX ix_{table}_{word} ON {table} ({word});",
    "request_id={uuid} status={n3} duration_ms={n4}",
    "assert {word} == 0x{short_hex}, '{word} differs'",
    "pip install veilgate=={version}",
    "const {word} = await fetchRows({n}); // retries {n}",
    "[{epoch}] kernel: {table}: {word} {n6} of {n8}",
)
CODE_TEST = (
    "if ({word}.length > {n4}) return Math.min({word}, {n6});",
    "INSERT INTO {table} (id, {word}) VALUES ({n6}, {plain}), ({n6}, {plain});",
    "docker pull registry.local/{table}:{version}",
    "ERROR {date}T{time}Z {table}.{word} failed: code {n4}, attempt {n}",
    "class {word}Reader: SIZE = {n6}; LIMIT = {n8}",
    "git checkout {short_hex}",
    "trace={uuid} span={short_hex} {word}={n3}",
    "ALTER TABLE {table} ADD COLUMN {word} NUMERIC(18, 2) DEFAULT {n};",
    "export TIMEOUT={n4} RETRIES={n}",
    "{n4}: mov eax, 0x{short_hex}",
    "  {word}: {n3}\n  {table}: [{n}, {n}, {n}]",
    "GET /v1/{table}/{n6}?limit={n} 200 {n4} {plain}",
)
TABLES = (
    "{n4} {n4} {n4} {n4} {n4}",
    "{plain}\t{plain}\t{plain}\t{pct}",
    "Q{n} {year}: revenue {amount}, cost {amount}, margin {pct}",
    "{date},{n6},{plain},{rate}",
    "Total assets {amount} Total liabilities {amount}",
    "Item {n6} x {n} @ {plain} = {amount}",
    "{n8} | {n} | {plain} | shipped",
)
TABLES_TEST = (
    "{year}  {amount}  {amount}  {pct}",
    "Order {n12} total {amount} items {n}",
    "{compact} {n6} {n6} {plain}",
    "Lot {n8}, weight {plain} kg, price {amount}",
    "rate {rate} term {n} payment {plain} balance {amount}",
    "{n3}.{n} {n3}.{n} {n3}.{n} {n3}.{n}",
    "Invoice {n6}: net {plain}, tax {plain}, due {date}",
)
