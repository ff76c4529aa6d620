/** What the model is taken for is shown with its reason, and can be overruled. */
import { expect, test } from '@playwright/test';
import { openSample, watch } from './support.ts';

test('the task is told, and another can be chosen', async ({ page }) => {
  const watched = watch(page);
  await openSample(page, 'Digits');
  const task = page.getByRole('combobox', { name: 'Task of the model' });
  await expect(task).toHaveValue('classifier');
  await expect(task).toHaveAttribute(
    'title',
    /^Why this task: "\w+" scores 10 classes per example/,
  );
  await task.selectOption('encoder');
  await expect(task).toHaveAttribute('title', /it was asked for; it looks like classifier/, {
    timeout: 30_000,
  });
  await expect(task).toHaveValue('encoder');
  await task.selectOption({ label: 'classifier' });
  await expect(task).toHaveAttribute('title', /^Why this task: it was asked for\.$/, {
    timeout: 30_000,
  });
  expect(watched.errors).toEqual([]);
});
