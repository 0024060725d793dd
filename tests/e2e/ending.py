"""Steps 14 to 16: a leak, the contract of the service, and what is left behind."""
import subprocess

from curl import curl, reason
from org_token import is_token
from replacing import id_of
from stage import NAME, Skipped, until
from traces import controlled_search


def leaked(stage):
    """The whole lineage is revoked while clients go on: they are told so, and the vault is not robbed of anything."""
    token, versions = stage.token(), stage.versions()
    stage.loop.check()
    if stage.browser:
        stage.browser.open(stage.service.url + '/admin')
        if stage.browser.evaluate("document.querySelector('#log-in').open"):
            stage.browser.log_in(stage.service.password)
        said = stage.browser.revoke(id_of(token), lineage=True)
        assert 'lineage' in said.lower() or 'rotated' in said.lower(), said
        stage.picture('8-revoked')
    else:
        stage.service.admin('DELETE', f'/admin/tokens/{id_of(token)}?lineage=1')
    assert reason(curl(stage, '/api/v1/token', token=token)) == (401, 'revoked')
    until(lambda: stage.loop.refused or stage.loop.fault, 'the clients meet it')
    assert stage.loop.refused == 'revoked' and stage.loop.answers[401] == 1, (stage.loop.refused, stage.loop.answers)
    told = stage.home.run('doctor', '--names', expect=None).stdout.decode()
    assert any(NAME in line and 'rejected' in line for line in told.splitlines()), told
    assert stage.token() == token and len(stage.versions()) == len(versions), 'the vault has lost something'
    assert not stage.service.living(stage.lineage)


def contract(stage):
    if not stage.programs.contract and stage.programs.strict:
        print('         orgapi_property is that, a test of its own', flush=True)
        return
    if not stage.programs.contract:
        raise Skipped('the property test of the service is not at hand')
    done = subprocess.run([str(word) for word in stage.programs.contract], capture_output=True, timeout=300, check=False)
    said = (done.stdout + done.stderr).decode(errors='replace').strip()
    if done.returncode == 77:
        raise Skipped(said.splitlines()[-1] if said else 'no reason given')
    assert done.returncode == 0, said


def nothing_left(stage):
    stage.loop.close()
    stage.service.stop()
    stage.service.start()
    dead = [token for token in stage.secrets if is_token(token)]
    assert len(dead) > 2
    for token in dead:
        assert reason(curl(stage, '/api/v1/token', token=token))[0] == 401, 'a dead token came back'
    assert reason(curl(stage, '/api/v1/token', token=stage.token())) == (401, 'revoked')
    stage.service.stop()
    assert stage.arguments.clean()
    found, looked = controlled_search(stage.folder, [stage.folder], list(stage.secrets.values()))
    assert not found, f'a secret is in {found}'
    print(f'         {looked} files, {len(stage.secrets)} secrets, and '
          f'{stage.loop.answers[200]} good answers to the clients', flush=True)


STEPS = [
    (14, 'the lineage is revoked: clients are told, the vault marks it and deletes nothing', leaked),
    (15, 'the service keeps the contract of its OpenAPI document, whatever it is sent', contract),
    (16, 'after a restart what was revoked is dead, and no secret is in any file or log', nothing_left),
]
