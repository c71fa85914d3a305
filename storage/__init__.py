"""What lasts: tables, migrations, and one module of queries per subject. SQL stays inside."""
