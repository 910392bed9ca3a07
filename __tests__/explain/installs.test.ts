/** Only of a step that does nothing but install packages from elsewhere can it be said that it would stay cached above a COPY. */
import { describe, expect, test } from '@jest/globals'
import { isInstall } from '../../src/explain/installs.js'

describe('packages from elsewhere', () => {
  test.each([
    'RUN pip install -r requirements.txt',
    'RUN --mount=type=cache,target=/root/.cache python3 -m pip install --no-cache-dir -r requirements/prod.txt',
    'RUN pip install --upgrade pip && pip install "uvicorn[standard]==0.3" -c /etc/constraints.txt',
    'RUN pip install git+https://example.com/a/b.git https://example.com/x.whl',
    'RUN npm ci && npm cache clean --force',
    'RUN yarn',
    'RUN yarn --frozen-lockfile',
    'RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*',
    'RUN set -eux; apk add --no-cache --virtual .build-deps gcc',
    'RUN go mod download',
    'RUN ./mvnw -B dependency:go-offline',
    'RUN poetry install --no-root --only main',
    'RUN uv sync --frozen --no-install-project',
    'RUN bundle config set --local deployment true && bundle install',
    'RUN mix deps.get',
    'RUN dotnet restore'
  ])('%s', (instruction) => expect(isInstall(instruction)).toBe(true))
})

describe('what reads the project, or takes its time with something else', () => {
  test.each([
    'RUN pip install .',
    'RUN pip install -e .',
    'RUN pip install --no-deps ".[dev]"',
    'RUN pip install --editable=src/app',
    'RUN pip install -r requirements.txt -e .',
    'RUN pip install libs/tool',
    'RUN pip install dist/*.whl',
    'RUN pip install --find-links wheels tool',
    'RUN uv pip install .',
    'RUN uv sync --frozen',
    'RUN poetry install --only main',
    'RUN pdm install',
    'RUN npm install ./packages/a',
    'RUN npm install file:../b',
    'RUN apt-get update && apt-get install -y /tmp/debs/*.deb',
    'RUN apt-get install -y "$PACKAGES"',
    'RUN npm run build && npm ci',
    'RUN npm ci && npm test',
    'RUN npm ci; make',
    'RUN yarn build',
    'RUN yarn -s build',
    'RUN ./setup.sh && go mod download',
    'RUN <<EOF (pip install -r requirements.txt...)',
    'COPY --from=a pip install',
    `RUN ${'true && '.repeat(1000)}npm ci`
  ])('%s', (instruction) => expect(isInstall(instruction)).toBe(false))
})
